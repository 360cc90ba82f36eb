import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { withTimeout } from '../policy/with-timeout.js';

/** What a user sees who puts a test runner's fake timers in the place of the machine's, and takes them away again. */

const never = () => new Promise<never>(() => {});

/** How a call ends that never would by itself. */
const endOf = async (advance: () => Promise<unknown>, timeoutMs = 100): Promise<unknown> => {
  const call = withTimeout(never, { timeoutMs }).catch(({ code }) => code as unknown);
  await advance();
  const hanging = Promise.resolve().then(() => 'hangs');
  return Promise.race([call, hanging]);
};

/** How calls end right after a breaker has opened, and once it is half-open. */
const endsAround = async (advance: (ms: number) => unknown): Promise<unknown> => {
  const breaker = new CircuitBreaker({
    name: 'x',
    window: { kind: 'time', durationMs: 1000, buckets: 1 },
    minimumCalls: 2,
    openForMs: 20,
    halfOpen: { trials: 1 },
  });
  const call = (operation: () => unknown) =>
    breaker.execute(operation).catch((error: { readonly code?: unknown }) => error.code);
  const fail = () => Promise.reject(new Error('down'));
  await call(fail);
  await call(fail);
  const refused = await call(() => 1);
  await advance(20);
  return [refused, await call(() => 2)];
};

const waitFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(() => {
  vi.useRealTimers();
});

describe('with fake timers', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  it('nothing is left to run once a call has ended', async () => {
    await withTimeout(() => 1, { timeoutMs: 100 });
    const breaker = new CircuitBreaker({ name: 'x', window: { kind: 'time' } });
    await breaker.execute(() => 1);
    expect(vi.getTimerCount()).toBe(0);
  });

  // Each test leaves something behind that waits for a timer of its own.
  it.each([1, 2, 3])('a time limit ends a call, in test %d', async () => {
    expect(await endOf(() => vi.advanceTimersByTimeAsync(100))).toBe('TIMEOUT');
    await withTimeout(() => 1, { timeoutMs: 100 });
    void withTimeout(never, { timeoutMs: 50 }).catch(() => {});
  });

  it.each([1, 2, 3])('an open breaker becomes half-open, in test %d', async () => {
    expect(await endsAround((ms) => vi.advanceTimersByTime(ms))).toEqual(['BREAKER_OPEN', 2]);
  });

  it.each([1, 2])('a window forgets at its very time, in test %d', async () => {
    const breaker = new CircuitBreaker({ name: 'x', window: { kind: 'time', durationMs: 10_000 } });
    await breaker.execute(() => 1);
    vi.advanceTimersByTime(10_999);
    expect(breaker.stats().window.calls).toBeLessThanOrEqual(1);
    vi.advanceTimersByTime(1001);
    expect(breaker.stats().window.calls).toBe(0);
  });
});

describe('with the real timers after fake ones', () => {
  it('a time limit ends a call', async () => {
    expect(await endOf(() => waitFor(15), 5)).toBe('TIMEOUT');
  });

  it('an open breaker becomes half-open', async () => {
    expect(await endsAround((ms) => waitFor(ms + 10))).toEqual(['BREAKER_OPEN', 2]);
  });
});

describe('with fake timers right after real ones', () => {
  it('a time limit ends a call, and one begun before by its own timer', async () => {
    await withTimeout(() => 1, { timeoutMs: 100 });
    const before = withTimeout(never, { timeoutMs: 20 });
    before.catch(() => {});
    vi.useFakeTimers();
    expect(await endOf(() => vi.advanceTimersByTimeAsync(100))).toBe('TIMEOUT');
    vi.useRealTimers();
    await expect(before).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('an open breaker becomes half-open', async () => {
    const warm = new CircuitBreaker({ name: 'x', window: { kind: 'time' } });
    await warm.execute(() => 1);
    vi.useFakeTimers();
    expect(await endsAround((ms) => vi.advanceTimersByTime(ms))).toEqual(['BREAKER_OPEN', 2]);
  });
});
