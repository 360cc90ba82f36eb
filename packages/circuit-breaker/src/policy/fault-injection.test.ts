import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { outcomeOf } from '../../test/support/operations.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import { safe } from '../operation/repeatable.js';
import { pipeline } from '../pipeline/pipeline.js';
import { ManualClock } from '../testing/manual-clock.js';
import { type Fault, type FaultInjectionOptions, faultInjection } from './fault-injection.js';
import { retry } from './retry.js';
import { timeout } from './timeout.js';

const always = { rate: 1, enabled: true } as const;
const broken = () => {
  throw new Error('callback is broken');
};

const setup = (options: Partial<FaultInjectionOptions> = {}) => {
  const clock = new ManualClock();
  const onListenerError = vi.fn();
  const policy = faultInjection({
    ...always,
    fault: { kind: 'error' },
    clock,
    onListenerError,
    ...options,
  });
  const operation = vi.fn(async () => 'real');
  return { clock, policy, operation, onListenerError };
};

describe('fault injection', () => {
  it('is off unless it is asked for', async () => {
    const policy = faultInjection({ rate: 1, fault: { kind: 'error' } });
    await expect(policy.execute(() => 'real')).resolves.toBe('real');
  });

  it.each([
    [true, true],
    [false, false],
    [() => true, true],
    [() => false, false],
  ])('enabled: %o means %o', async (enabled, isOn) => {
    const { policy, operation, onListenerError } = setup({ enabled });
    await policy.execute(operation).catch(() => {});
    expect(operation).toHaveBeenCalledTimes(isOn ? 0 : 1);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('may be switched while it runs', async () => {
    let isOn = false;
    const { policy, operation } = setup({ enabled: () => isOn });
    await expect(policy.execute(operation)).resolves.toBe('real');
    isOn = true;
    await expect(policy.execute(operation)).rejects.toMatchObject({ code: 'INJECTED_FAULT' });
    isOn = false;
    await expect(policy.execute(operation)).resolves.toBe('real');
  });

  it.each([
    ['throws', broken],
    ['gives a promise', async () => true],
    ['gives no boolean', () => 1],
  ])('is off where enabled %s, which is reported', async (_how, enabled) => {
    const { policy, operation, onListenerError } = setup({ enabled: enabled as never });
    await expect(policy.execute(operation)).resolves.toBe('real');
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'enabled' }]]);
  });

  it('meets its share of the calls, the same ones for the same seed', async () => {
    const hits = async (seed: number) => {
      const { policy } = setup({ rate: 0.3, seed });
      const seen: unknown[] = [];
      for (let n = 0; n < 500; n += 1) {
        seen.push(await policy.execute(() => false).catch(() => true));
      }
      return seen;
    };
    const [one, same, other] = [await hits(1), await hits(1), await hits(2)];
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
    const share = one.filter(Boolean).length / one.length;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.38);
  });

  it.each([
    [0, 0, false],
    [1, 0.999_999, true],
    [0.5, 0.5, false],
    [0.5, 0.499, true],
  ])('at a rate of %d and a random number of %d: %o', async (rate, number, isHit) => {
    const { policy, operation } = setup({ rate, random: () => number });
    await policy.execute(operation).catch(() => {});
    expect(operation).toHaveBeenCalledTimes(isHit ? 0 : 1);
  });

  it('injects nothing where the randomness fails', async () => {
    const { policy, operation, onListenerError } = setup({ random: broken });
    await expect(policy.execute(operation)).resolves.toBe('real');
    expect(onListenerError).toHaveBeenCalledTimes(1);
  });

  it('tells of each fault before it strikes', async () => {
    const { policy, operation } = setup({ fault: { kind: 'latency', latencyMs: 0 } });
    const heard = vi.fn();
    policy.events.on('injected', heard);
    outcomeOf(policy.execute(operation));
    expect(heard.mock.calls).toEqual([[{ kind: 'latency', latencyMs: 0 }]]);
    expect(operation).not.toHaveBeenCalled();
  });
});

describe('an error', () => {
  it('is one of this package, without a stack, and counts as a failure', async () => {
    const { clock, policy, operation } = setup();
    const breaker = new CircuitBreaker({ name: 'x', clock });
    const error = await pipeline([breaker, policy])
      .execute(operation)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'INJECTED_FAULT', name: 'InjectedFaultError' });
    expect((error as Error).stack).not.toContain('\n');
    expect(breaker.stats().totals.failed).toBe(1);
    expect(operation).not.toHaveBeenCalled();
  });

  it('may be any, undefined too', async () => {
    const mine = new Error('ECONNRESET');
    const { policy, operation } = setup({ fault: { kind: 'error', error: () => mine } });
    await expect(policy.execute(operation)).rejects.toBe(mine);
    const none = setup({ fault: { kind: 'error', error: () => undefined } });
    await expect(none.policy.execute(operation)).rejects.toBeUndefined();
  });

  it('is tried again by a retry around', async () => {
    const numbers = [0.1, 0.9];
    const { clock, policy, operation } = setup({ rate: 0.5, random: () => numbers.shift() ?? 1 });
    const call = outcomeOf(pipeline([retry({ clock }), policy]).execute(safe(operation)));
    await clock.advanceAsync(10_000);
    expect(call.value).toBe('real');
    expect(operation).toHaveBeenCalledTimes(1);
  });
});

describe('a latency', () => {
  it('lets the operation begin later', async () => {
    const { clock, policy, operation } = setup({ fault: { kind: 'latency', latencyMs: 300 } });
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(299);
    expect(operation).not.toHaveBeenCalled();
    await clock.advanceAsync(1);
    expect(call.value).toBe('real');
    expect(clock.pendingTimers).toBe(0);
  });

  it('may differ from call to call', async () => {
    const waits = [20, 10];
    const { clock, policy, onListenerError } = setup({
      fault: { kind: 'latency', latencyMs: () => waits.shift() ?? 0 },
    });
    const order: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      outcomeOf(policy.execute(() => order.push(name)));
    }
    await clock.advanceAsync(20);
    expect(order).toEqual(['third', 'second', 'first']);
    expect(onListenerError).not.toHaveBeenCalled();
  });

  it('runs the operation in the async context of the caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, policy } = setup({ fault: { kind: 'latency', latencyMs: 10 } });
    const call = storage.run('caller', () =>
      outcomeOf(policy.execute(async () => storage.getStore())),
    );
    await clock.advanceAsync(10);
    expect(call.value).toBe('caller');
  });

  it('is cut short by a time limit and by a caller who gives up, and nothing is called', async () => {
    const { clock, policy, operation } = setup({ fault: { kind: 'latency', latencyMs: 300 } });
    const controller = new AbortController();
    const limited = outcomeOf(
      pipeline([timeout({ timeoutMs: 100, clock }), policy]).execute(operation),
    );
    const aborted = outcomeOf(policy.execute(operation, { signal: controller.signal }));
    controller.abort();
    expect(clock.pendingTimers).toBe(1);
    await clock.advanceAsync(100);
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(1000);
    expect(limited.error).toMatchObject({ code: 'TIMEOUT' });
    expect(aborted.error).toMatchObject({ code: 'ABORTED' });
    expect(operation).not.toHaveBeenCalled();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is left out where the clock sets no timer, which is reported', async () => {
    const { policy, operation, onListenerError } = setup({
      fault: { kind: 'latency', latencyMs: 300 },
      clock: { now: () => 0, wallTime: () => 0, setTimer: broken },
    });
    await expect(policy.execute(operation)).resolves.toBe('real');
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'clock' }]]);
  });
});

describe('a result', () => {
  it('takes the place of the real one, now or later', async () => {
    const { policy, operation } = setup({ fault: { kind: 'result', result: () => 'fake' } });
    await expect(policy.execute(operation)).resolves.toBe('fake');
    const later = setup({ fault: { kind: 'result', result: async () => undefined } });
    await expect(later.policy.execute(operation)).resolves.toBeUndefined();
    const failing = setup({ fault: { kind: 'result', result: async () => broken() } });
    await expect(failing.policy.execute(operation)).rejects.toThrow('callback is broken');
    expect(operation).not.toHaveBeenCalled();
  });

  it('is dropped where the caller gave up meanwhile', async () => {
    const late = deferred<string>();
    const { clock, policy, operation } = setup({
      fault: { kind: 'result', result: () => late.promise },
    });
    const call = outcomeOf(
      pipeline([timeout({ timeoutMs: 100, clock }), policy]).execute(operation),
    );
    await clock.advanceAsync(100);
    late.resolve('fake');
    await flush();
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
  });
});

describe('what the user’s code does', () => {
  it.each<[string, Fault]>([
    ['error', { kind: 'error', error: broken }],
    ['result', { kind: 'result', result: broken }],
    ['latencyMs', { kind: 'latency', latencyMs: broken }],
    ['latencyMs', { kind: 'latency', latencyMs: () => -1 }],
    ['latencyMs', { kind: 'latency', latencyMs: () => Number.NaN }],
  ])('in %s is reported when it fails, and there is no fault', async (name, fault) => {
    const { policy, operation, onListenerError } = setup({ fault });
    await expect(policy.execute(operation)).resolves.toBe('real');
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name }]]);
  });

  it('may give the call up, which is then all that happens', async () => {
    for (const fault of [
      { kind: 'error' },
      { kind: 'latency', latencyMs: 5 },
      { kind: 'result', result: () => 'fake' },
    ] as const) {
      const controller = new AbortController();
      const { clock, policy, operation } = setup({ fault });
      policy.events.on('injected', () => controller.abort());
      const call = outcomeOf(policy.execute(operation, { signal: controller.signal }));
      await clock.advanceAsync(100);
      expect(call.error).toMatchObject({ code: 'ABORTED' });
      expect(operation).not.toHaveBeenCalled();
      expect(clock.pendingTimers).toBe(0);
    }
  });
});

describe('impossible options', () => {
  const fault = { kind: 'error' };
  it.each([
    [{ fault }, 'rate'],
    [{ rate: 1.1, fault }, 'rate'],
    [{ rate: -0.1, fault }, 'rate'],
    [{ rate: 1, fault: undefined }, 'fault'],
    [{ rate: 1, fault: 'error' }, 'fault'],
    [{ rate: 1, fault: { kind: 'crash' } }, 'fault.kind'],
    [{ rate: 1, fault: { kind: 'error', error: new Error('x') } }, 'fault.error'],
    [{ rate: 1, fault: { kind: 'error', latencyMs: 5 } }, 'fault.latencyMs'],
    [{ rate: 1, fault: { kind: 'latency', latencyMs: 1, ms: 5 } }, 'fault.ms'],
    [{ rate: 1, fault: { kind: 'result', result: () => 1, value: 5 } }, 'fault.value'],
    [{ rate: 1, fault: { kind: 'latency' } }, 'fault.latencyMs'],
    [{ rate: 1, fault: { kind: 'latency', latencyMs: -1 } }, 'fault.latencyMs'],
    [{ rate: 1, fault: { kind: 'result' } }, 'fault.result'],
    [{ rate: 1, fault: { kind: 'result', result: 'x' } }, 'fault.result'],
    [{ rate: 1, fault, enabled: 'yes' }, 'enabled'],
    [{ rate: 1, fault, seed: 1.5 }, 'seed'],
    [{ rate: 1, fault, seed: 1, random: () => 0 }, 'seed'],
    [{ rate: 1, fault, random: 0.5 }, 'random'],
    [{ rate: 1, fault, chance: 1 }, 'chance'],
    [null, 'options'],
  ])('%o are refused', (options, option) => {
    expect(() => faultInjection(options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});
