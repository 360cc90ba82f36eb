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

  it.each([[5], [{}], [{ hears: () => true }], [null]])('is refused if it is none: %j', (sink) => {
    const wiring = { publishTo: sink as never };
    expect(() => new CircuitBreaker({ name: 'x' }, wiring)).toThrow(/wiring\.publishTo/);
  });

  it('stands alone: other wiring is unknown', () => {
    const wiring = { publish: 1 } as never;
    expect(() => new CircuitBreaker({ name: 'x' }, wiring)).toThrow(/wiring\.publish/);
  });
});
