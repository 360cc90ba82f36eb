import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { hanging, outcomeOf } from '../../test/support/operations.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { safe } from '../operation/repeatable.js';
import type { CircuitBreakerOptions } from '../options.js';
import { retry } from '../policy/retry.js';
import { timeout } from '../policy/timeout.js';
import { ManualClock } from '../testing/manual-clock.js';
import { pipeline } from './pipeline.js';

const down = new Error('down');

const setup = (options: Partial<CircuitBreakerOptions> = {}) => {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'gateway',
    minimumCalls: 2,
    openForMs: 1000,
    halfOpen: { trials: 1 },
    clock,
    ...options,
  });
  const totals = () => breaker.stats().totals;
  const halfOpen = () => {
    breaker.trip();
    clock.advance(1000);
    expect(breaker.state).toBe('halfOpen');
  };
  return { clock, breaker, totals, halfOpen, limit: timeout({ timeoutMs: 100, clock }) };
};

describe('a breaker in a pipeline', () => {
  it('counts each call as it ends', async () => {
    const { breaker, totals, limit } = setup({ minimumCalls: 9 });
    const around = pipeline([limit, breaker]);
    await around.execute(() => 1);
    await around.execute(() => Promise.reject(down)).catch(() => {});
    await around
      .execute(() => {
        throw down;
      })
      .catch(() => {});
    expect(totals()).toMatchObject({ succeeded: 1, failed: 2 });
    expect(breaker.stats().inFlight).toBe(0);
  });

  it('refuses with its own error, and calls nothing', async () => {
    const { breaker, limit } = setup();
    const operation = vi.fn();
    breaker.trip();
    const call = pipeline([limit, breaker]).execute(operation);
    await expect(call).rejects.toMatchObject({ code: 'BREAKER_OPEN', breaker: 'gateway' });
    expect(operation).not.toHaveBeenCalled();
    breaker.shutDown();
    await expect(pipeline([breaker]).execute(operation)).rejects.toMatchObject({
      code: 'BREAKER_SHUT_DOWN',
    });
  });

  it('counts a time limit inside it as a failure, and one outside as well', async () => {
    const { clock, breaker, totals, limit } = setup();
    const { operation } = hanging();
    outcomeOf(pipeline([breaker, limit]).execute(operation));
    outcomeOf(pipeline([limit, breaker]).execute(operation));
    await clock.advanceAsync(100);
    expect(totals()).toMatchObject({ failed: 2, ignored: 0 });
    expect(breaker.state).toBe('open');
    expect(breaker.stats().inFlight).toBe(0);
  });

  it('counts a caller who gives up as nothing', async () => {
    const { breaker, totals, limit } = setup();
    const { operation } = hanging();
    const controller = new AbortController();
    const call = outcomeOf(
      pipeline([breaker, limit]).execute(operation, { signal: controller.signal }),
    );
    controller.abort();
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED' });
    expect(totals()).toMatchObject({ failed: 0, ignored: 1 });
  });

  it('drops what still comes of a call that was given up', async () => {
    const { clock, breaker, totals, limit } = setup();
    const late = deferred<number>();
    outcomeOf(pipeline([limit, breaker]).execute(() => late.promise));
    await clock.advanceAsync(100);
    late.resolve(1);
    await flush();
    expect(totals()).toMatchObject({ succeeded: 0, failed: 1, late: 0 });
  });

  it('takes a late result of an older generation for nothing', async () => {
    const { breaker, totals, limit } = setup();
    const late = deferred<number>();
    const dropped = vi.fn();
    breaker.events.on('lateResultDropped', dropped);
    const call = outcomeOf(pipeline([limit, breaker]).execute(() => late.promise));
    breaker.trip();
    breaker.reset();
    late.reject(down);
    await flush();
    expect(call.error).toBe(down);
    expect(dropped).toHaveBeenCalledTimes(1);
    expect(totals()).toMatchObject({ failed: 0 });
  });

  it('counts every attempt of a retry, and ends it once it opens', async () => {
    const { clock, breaker, totals } = setup();
    const again = retry({
      clock,
      maxAttempts: 9,
      backoff: { kind: 'constant', delayMs: 10, jitter: 'none' },
    });
    const operation = vi.fn(() => Promise.reject(down));
    const call = outcomeOf(pipeline([again, breaker]).execute(safe(operation)));
    await clock.advanceAsync(1000);
    expect(call.error).toMatchObject({ code: 'BREAKER_OPEN' });
    expect(operation).toHaveBeenCalledTimes(2);
    expect(totals()).toMatchObject({ failed: 2, rejected: 1 });
  });

  it('calls at once while it is closed, also where calls may wait for it', () => {
    const { breaker, limit } = setup({ halfOpen: { trials: 1, maxWaiting: 9 } });
    const operation = vi.fn();
    outcomeOf(pipeline([limit, breaker]).execute(operation));
    expect(operation).toHaveBeenCalledTimes(1);
  });

  it('tells its events before the caller knows', async () => {
    const { breaker, limit } = setup({ minimumCalls: 1 });
    let wasSettled: boolean | undefined;
    breaker.events.on('opened', () => {
      wasSettled = call.isSettled;
    });
    const call = outcomeOf(pipeline([limit, breaker]).execute(() => Promise.reject(down)));
    await flush();
    expect(wasSettled).toBe(false);
    expect(call.error).toBe(down);
  });
});

describe('a half-open breaker in a pipeline', () => {
  it('gives back the place of a trial that is given up', async () => {
    const { clock, breaker, limit, halfOpen } = setup();
    halfOpen();
    const { operation } = hanging();
    const controller = new AbortController();
    outcomeOf(pipeline([limit, breaker]).execute(operation, { signal: controller.signal }));
    expect(breaker.stats().inFlight).toBe(1);
    controller.abort();
    expect(breaker).toMatchObject({ state: 'halfOpen' });
    expect(breaker.stats().inFlight).toBe(0);
    await pipeline([limit, breaker]).execute(() => 1);
    expect(breaker.state).toBe('closed');
    expect(clock.pendingTimers).toBe(0);
  });

  it('opens again by a trial that a limit further out gave up', async () => {
    const { clock, breaker, limit, halfOpen } = setup();
    halfOpen();
    outcomeOf(pipeline([limit, breaker]).execute(hanging().operation));
    await clock.advanceAsync(100);
    expect(breaker.state).toBe('open');
  });

  it('opens again by a trial that fails', async () => {
    const { breaker, limit, halfOpen, totals } = setup();
    halfOpen();
    const call = outcomeOf(pipeline([limit, breaker]).execute(() => Promise.reject(down)));
    await flush();
    expect(call.error).toBe(down);
    expect(breaker.state).toBe('open');
    expect(totals()).toMatchObject({ failed: 1, succeeded: 0 });
  });

  it('lets a call wait for a place, without counting a refusal', async () => {
    const { clock, breaker, totals, limit, halfOpen } = setup({
      halfOpen: { trials: 1, maxWaiting: 1 },
    });
    halfOpen();
    const trial = deferred<number>();
    const around = pipeline([limit, breaker]);
    outcomeOf(around.execute(() => trial.promise));
    const waiting = outcomeOf(around.execute(() => 'waited'));
    const refused = outcomeOf(around.execute(() => 'refused'));
    await flush();
    expect(waiting.isSettled).toBe(false);
    expect(refused.error).toMatchObject({ code: 'BREAKER_OPEN' });
    trial.resolve(1);
    await flush();
    expect(waiting.value).toBe('waited');
    expect(totals()).toMatchObject({ rejected: 1, succeeded: 2 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets go of a call that is given up while it waits', async () => {
    const { clock, breaker, limit, halfOpen } = setup({ halfOpen: { trials: 1, maxWaiting: 9 } });
    halfOpen();
    const around = pipeline([limit, breaker]);
    const trial = deferred<number>();
    outcomeOf(pipeline([breaker]).execute(() => trial.promise));
    const operation = vi.fn();
    const call = outcomeOf(around.execute(operation));
    await clock.advanceAsync(100);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
    trial.resolve(1);
    await flush();
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats().inFlight).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives a place back that comes in the very moment the call is given up', async () => {
    const { breaker, limit, halfOpen } = setup({ halfOpen: { trials: 2, maxWaiting: 9 } });
    halfOpen();
    const controller = new AbortController();
    const operation = vi.fn();
    const call = outcomeOf(
      pipeline([limit, breaker]).execute(operation, { signal: controller.signal }),
    );
    // It waits for a promise now, though there is a place.
    controller.abort();
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED' });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats().inFlight).toBe(0);
  });
});

describe('a listener that gives the call up', () => {
  it('while the breaker lets it in has nothing called and no permit kept', async () => {
    const { clock, breaker, limit } = setup();
    breaker.trip();
    clock.advance(1000);
    const controller = new AbortController();
    breaker.events.on('halfOpened', () => controller.abort());
    breaker.trip();
    clock.advance(1000);
    const operation = vi.fn();
    const call = outcomeOf(
      pipeline([limit, breaker]).execute(operation, { signal: controller.signal }),
    );
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED' });
    expect(operation).not.toHaveBeenCalled();
    expect(breaker.stats().inFlight).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('while the breaker counts it settles the caller once', async () => {
    const { breaker, totals, limit } = setup();
    const controller = new AbortController();
    breaker.events.on('succeeded', () => controller.abort());
    const call = outcomeOf(
      pipeline([limit, breaker]).execute(() => 1, { signal: controller.signal }),
    );
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED' });
    expect(totals()).toMatchObject({ succeeded: 1, ignored: 0 });
  });
});
