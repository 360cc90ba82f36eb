import { describe, expect, it } from 'vitest';
import { down, fail, setup, succeed } from '../../test/support/breaker-setup.js';
import { deferred } from '../../test/support/deferred.js';
import { ManualClock } from '../testing/manual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

/** A breaker that times its calls and whose successes nobody hears, with two of those. */
const quiet = async (options: object = {}) => {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({ name: 'x', latency: true, clock, ...options });
  const take = async (durationMs: number) => {
    const gate = deferred<string>();
    const call = breaker.execute(() => gate.promise);
    clock.advance(durationMs);
    gate.resolve('ok');
    await call;
  };
  for (let call = 0; call < 2; call += 1) await take(0);
  return { clock, breaker, take };
};

describe('calls that are timed', () => {
  it('run until they end', async () => {
    const { breaker } = await quiet();
    const gate = deferred<number>();
    const call = breaker.execute(() => gate.promise);
    expect(breaker.stats().inFlight).toBe(1);
    gate.resolve(1);
    await call;
    expect(breaker.stats()).toMatchObject({ inFlight: 0, totals: { succeeded: 3 } });
  });

  it('take as long as they took, at whatever time', async () => {
    const { clock, breaker, take } = await quiet();
    clock.advance(90_000);
    for (let call = 0; call < 5; call += 1) await take(10);
    const { latency } = breaker.stats();
    expect(latency?.calls).toBe(5);
    expect(latency?.p50).toBeCloseTo(10, 0);
    expect(latency?.max).toBeCloseTo(10, 0);
  });

  it('of an older generation are late, though it is closed again', async () => {
    const { breaker } = await quiet();
    const gate = deferred<number>();
    const call = breaker.execute(() => gate.promise);
    breaker.trip();
    breaker.reset();
    gate.resolve(1);
    await call;
    expect(breaker.stats().totals).toMatchObject({ succeeded: 2, late: 1 });
  });

  it('fail with their error', async () => {
    const { breaker, heard } = setup({ latency: true, minimumCalls: 10 });
    await breaker.execute(fail).catch(() => {});
    const aborted = Object.assign(new Error(), { name: 'AbortError' });
    await breaker.execute(() => Promise.reject(aborted)).catch(() => {});
    expect(heard).toEqual([
      ['failed', { breaker: 'gateway', error: down, durationMs: 0 }],
      ['ignored', { breaker: 'gateway', error: aborted, durationMs: 0 }],
    ]);
  });

  it('open by a success that makes the minimum of calls full', async () => {
    const { breaker, failTimes } = setup({ latency: true, minimumCalls: 2 });
    await failTimes(1);
    await breaker.execute(succeed);
    expect(breaker.state).toBe('open');
  });

  it('open by a fast one that makes the minimum full, after a slow one among many', async () => {
    const slowCalls = { thresholdMs: 100, rate: 0.25 };
    const { breaker, take } = await quiet({ minimumCalls: 4, slowCalls });
    await take(100);
    expect(breaker.state).toBe('closed');
    await take(0);
    expect(breaker.state).toBe('open');
  });

  it('that hang are judged beside those only that the window still knows', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({
      name: 'x',
      window: { kind: 'time', durationMs: 1000, buckets: 10 },
      minimumCalls: 4,
      slowCalls: { thresholdMs: 100, rate: 0.3 },
      clock,
    });
    for (let call = 0; call < 3; call += 1) await breaker.execute(succeed);
    clock.advance(2000);
    for (let call = 0; call < 2; call += 1) void breaker.execute(() => new Promise(() => {}));
    clock.advance(100);
    await expect(breaker.execute(succeed)).resolves.toBe('ok');
    expect(breaker.state).toBe('closed');
  });

  it('ramp up by every so-manyth', async () => {
    const clock = new ManualClock();
    const breaker = new CircuitBreaker({
      name: 'x',
      latency: true,
      openForMs: 1000,
      halfOpen: { trials: 1 },
      rampUp: { initialShare: 0.5, durationMs: 60_000 },
      clock,
    });
    breaker.trip();
    clock.advance(1000);
    await breaker.execute(succeed);
    const ends = [];
    for (let call = 0; call < 6; call += 1) {
      ends.push(
        await breaker.execute(succeed).then(
          () => 'let in',
          () => 'refused',
        ),
      );
    }
    expect(ends).toEqual(['let in', 'refused', 'let in', 'refused', 'let in', 'refused']);
  });
});
