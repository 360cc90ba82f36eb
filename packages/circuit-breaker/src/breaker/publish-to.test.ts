import { describe, expect, it, vi } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.js';

const fail = () => {
  throw new Error('sink');
};

describe('a sink that a breaker publishes to', () => {
  it.each([
    ['throws when it is asked', { hears: fail, emit: () => {} }],
    ['throws when it is told', { hears: () => true, emit: fail }],
  ])('changes no call if it %s, which is reported', async (_how, publishTo) => {
    const onListenerError = vi.fn();
    const breaker = new CircuitBreaker({ name: 'x', onListenerError }, { publishTo });
    await expect(breaker.execute(() => 1)).resolves.toBe(1);
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 1 } });
    const failure = { kind: 'listener', name: 'succeeded', error: new Error('sink') };
    expect(onListenerError.mock.calls).toContainEqual([failure]);
  });

  it('hears of refusals, though nobody else listens', async () => {
    const emit = vi.fn();
    const breaker = new CircuitBreaker({ name: 'x' }, { publishTo: { hears: () => true, emit } });
    breaker.trip();
    await breaker.execute(() => 1).catch(() => {});
    const refusal = { breaker: 'x', reason: 'open', retryAfterMs: expect.any(Number) };
    expect(emit.mock.calls.at(-1)).toEqual(['rejected', refusal]);
  });

  it('is told only what it hears, and from when on it does', async () => {
    const wanted = new Set<string>();
    const emit = vi.fn();
    const publishTo = { hears: (event: string) => wanted.has(event), emit };
    const breaker = new CircuitBreaker({ name: 'x' }, { publishTo });
    for (let call = 0; call < 3; call += 1) await breaker.execute(() => 1);
    await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
    expect(emit).not.toHaveBeenCalled();
    breaker.reset();
    for (let call = 0; call < 3; call += 1) await breaker.execute(() => 1);
    wanted.add('succeeded');
    await breaker.execute(() => 1);
    expect(emit.mock.calls).toEqual([['succeeded', { breaker: 'x', durationMs: undefined }]]);
    expect(Object.keys(emit.mock.calls[0]?.[1])).toEqual(['breaker', 'durationMs']);
    breaker.trip();
    expect(emit).toHaveBeenCalledTimes(1);
  });

  it.each([[5], [{}], [{ hears: () => true }], [null]])('is refused if it is none: %j', (sink) => {
    const wiring = { publishTo: sink as never };
    expect(() => new CircuitBreaker({ name: 'x' }, wiring)).toThrow(
      /wiring\.publishTo' must be an object with hears and emit;/,
    );
  });

  it('stands alone: other wiring is unknown', () => {
    const wiring = { publish: 1 } as never;
    expect(() => new CircuitBreaker({ name: 'x' }, wiring)).toThrow(/wiring\.publish/);
  });
});
