import { describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { retry } from '../policy/retry.js';
import { timeout } from '../policy/timeout.js';
import { ManualClock } from '../testing/manual-clock.js';
import { idempotencyOf, idempotent, safe } from './repeatable.js';

describe('safe and idempotent', () => {
  it('declare a copy and leave the function as it is', () => {
    const fn = () => 1;
    expect(idempotencyOf(safe(fn))).toBe('safe');
    expect(idempotencyOf(idempotent(fn))).toBe('idempotent');
    expect(idempotencyOf(fn)).toBeUndefined();
    expect(safe(fn)()).toBe(1);
  });

  it('hand on this, arguments and what is thrown', () => {
    const fn = vi.fn(function (this: unknown, ...args: number[]) {
      return [this, ...args];
    });
    const host = { fn: safe(fn) };
    expect(host.fn(1, 2)).toEqual([host, 1, 2]);
    const broken = safe(() => {
      throw new Error('down');
    });
    expect(broken).toThrow('down');
  });

  it('may be said again: the last word counts', () => {
    expect(idempotencyOf(safe(idempotent(() => 1)))).toBe('safe');
  });

  it.each([undefined, null, 1, 'GET', {}])('refuse %o', (fn) => {
    const refusal = expect.objectContaining({ code: 'INVALID_OPTION', option: 'operation' });
    expect(() => safe(fn as never)).toThrow(refusal);
    expect(() => idempotent(fn as never)).toThrow(refusal);
  });

  it.each([undefined, null, 1, {}, Symbol.iterator])('are not what %o is declared as', (fn) => {
    expect(idempotencyOf(fn)).toBeUndefined();
  });

  it('are known by every copy of this package, and cannot be forged by chance', () => {
    const key = Symbol.for('@nestcms/circuit-breaker.idempotency');
    expect(
      Object.getOwnPropertyDescriptor(
        safe(() => 1),
        key,
      ),
    ).toMatchObject({
      value: 'safe',
      writable: false,
      enumerable: false,
    });
  });

  it('are kept by what wraps the function', async () => {
    const clock = new ManualClock();
    const fetchRates = vi.fn(async () => 3.67);
    const limited = timeout({ timeoutMs: 100, clock }).wrap(safe(fetchRates));
    const counted = new CircuitBreaker({ name: 'rates', clock }).wrap(limited);
    expect(idempotencyOf(limited)).toBe('safe');
    expect(idempotencyOf(counted)).toBe('safe');
    await expect(retry({ clock }).execute(counted)).resolves.toBe(3.67);
    await expect(retry({ clock }).wrap(counted)()).resolves.toBe(3.67);
    const plain = timeout({ timeoutMs: 100, clock }).wrap(fetchRates);
    expect(idempotencyOf(plain)).toBeUndefined();
    expect(Object.getOwnPropertySymbols(plain)).toEqual([]);
  });
});
