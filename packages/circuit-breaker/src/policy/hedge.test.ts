import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Deferred, deferred, flush } from '../../test/support/deferred.js';
import { outcomeOf } from '../../test/support/operations.js';
import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { OperationContext } from '../operation/operation.js';
import { safe } from '../operation/repeatable.js';
import { pipeline } from '../pipeline/pipeline.js';
import { ManualClock } from '../testing/manual-clock.js';
import { type HedgeOptions, type HedgePolicy, hedge } from './hedge.js';
import { HEDGE_DEFAULTS } from './hedge-delay.js';
import { retry } from './retry.js';
import { retryBudget } from './retry-budget.js';
import { timeout } from './timeout.js';

const down = new Error('down');

const recordEvents = (policy: HedgePolicy) => {
  const heard: unknown[] = [];
  for (const name of ['hedged', 'withheld', 'dropped', 'won'] as const) {
    policy.events.on(name, (payload) => heard.push([name, payload]));
  }
  return heard;
};

/** A hedge, and an operation whose attempts end when told. */
const setup = (options: HedgeOptions = {}) => {
  const clock = new ManualClock();
  const onListenerError = vi.fn();
  const policy = hedge({ clock, delayMs: 100, onListenerError, ...options });
  const contexts: OperationContext[] = [];
  const startedAt: number[] = [];
  const answers: Deferred<string>[] = [];
  const operation = safe((context: OperationContext) => {
    contexts.push(context);
    startedAt.push(clock.now());
    const answer = deferred<string>();
    answers.push(answer);
    return answer.promise;
  });
  const aborted = () => contexts.map(({ signal }) => signal.aborted);
  return { clock, policy, operation, contexts, startedAt, answers, aborted, onListenerError };
};

describe('hedge', () => {
  it('does nothing more when the first attempt is quick', async () => {
    const { clock, policy, operation, answers, startedAt } = setup();
    const heard = recordEvents(policy);
    const call = policy.execute(operation);
    clock.advance(99);
    answers[0]?.resolve('quick');
    await expect(call).resolves.toBe('quick');
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(1000);
    expect(startedAt).toEqual([0]);
    expect(heard).toEqual([]);
  });

  it('makes another attempt after the delay, and the first success wins', async () => {
    const { clock, policy, operation, answers, startedAt, contexts, aborted } = setup();
    const heard = recordEvents(policy);
    const call = policy.execute(operation);
    await clock.advanceAsync(100);
    expect(startedAt).toEqual([0, 100]);
    expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2]);
    answers[1]?.resolve('second');
    await expect(call).resolves.toBe('second');
    expect(aborted()).toEqual([true, false]);
    expect(contexts[0]?.signal.reason).toMatchObject({ name: 'AbortError' });
    expect(heard).toEqual([
      ['hedged', { attempt: 2, delayMs: 100 }],
      ['won', { attempt: 2, hedges: 1 }],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up the further attempt where the first one wins after all', async () => {
    const { clock, policy, operation, answers, aborted } = setup();
    const heard = recordEvents(policy);
    const call = policy.execute(operation);
    await clock.advanceAsync(100);
    answers[0]?.resolve('first');
    await expect(call).resolves.toBe('first');
    expect(aborted()).toEqual([false, true]);
    expect(heard.at(-1)).toEqual(['won', { attempt: 1, hedges: 1 }]);
  });

  it('makes as many as maxHedges, each after the delay', async () => {
    const { clock, policy, operation, answers, startedAt, aborted } = setup({ maxHedges: 3 });
    const call = policy.execute(operation);
    await clock.advanceAsync(10_000);
    expect(startedAt).toEqual([0, 100, 200, 300]);
    expect(clock.pendingTimers).toBe(0);
    answers[2]?.resolve('third');
    await expect(call).resolves.toBe('third');
    expect(aborted()).toEqual([true, true, false, true]);
  });

  it('does not end a call by a failure while another attempt runs', async () => {
    const { clock, policy, operation, answers } = setup();
    const heard = recordEvents(policy);
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    answers[0]?.reject(down);
    await flush();
    expect(call.isSettled).toBe(false);
    answers[1]?.resolve('second');
    await flush();
    expect(call.value).toBe('second');
    expect(heard.slice(1)).toEqual([
      ['dropped', { attempt: 1, error: down }],
      ['won', { attempt: 2, hedges: 1 }],
    ]);
  });

  it('gives out the error of the attempt that failed last', async () => {
    const { clock, policy, operation, answers } = setup();
    const heard = recordEvents(policy);
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    answers[1]?.reject(new Error('of the second'));
    await flush();
    answers[0]?.reject(down);
    await flush();
    expect(call.error).toBe(down);
    expect(heard.map((event) => (event as string[])[0])).toEqual(['hedged', 'dropped']);
  });

  it('fails at once with an only attempt that fails, for that is what retries are for', async () => {
    const { clock, policy, startedAt, operation, answers } = setup();
    const call = outcomeOf(policy.execute(operation));
    answers[0]?.reject(down);
    await flush();
    expect(call.error).toBe(down);
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(1000);
    expect(startedAt).toEqual([0]);
    await expect(
      policy.execute(
        safe(() => {
          throw down;
        }),
      ),
    ).rejects.toBe(down);
    expect(clock.pendingTimers).toBe(0);
  });

  it('drops what the losers still bring', async () => {
    const { clock, policy, operation, answers } = setup({ maxHedges: 2 });
    const heard = recordEvents(policy);
    const call = policy.execute(operation);
    await clock.advanceAsync(200);
    answers[2]?.resolve('third');
    answers[0]?.resolve('first, in the same moment');
    answers[1]?.reject(down);
    await expect(call).resolves.toBe('third');
    await flush();
    expect(heard.map((event) => (event as string[])[0])).toEqual(['hedged', 'hedged', 'won']);
  });

  it('may begin all attempts together', async () => {
    const { clock, policy, operation, startedAt } = setup({ delayMs: 0, maxHedges: 2 });
    outcomeOf(policy.execute(operation));
    await clock.advanceAsync(0);
    expect(startedAt).toEqual([0, 0, 0]);
  });

  it('takes only what is declared as repeatable', async () => {
    const unsafe = vi.fn(async () => 1);
    await expect(hedge().execute(unsafe as never)).rejects.toMatchObject({
      code: 'NOT_REPEATABLE',
      policy: 'hedge',
    });
    expect(unsafe).not.toHaveBeenCalled();
  });

  it('tells in the end after the losers are given up and before the caller knows', async () => {
    const { clock, policy, operation, answers, aborted } = setup();
    const seen: unknown[] = [];
    policy.events.on('won', () => seen.push([aborted(), call.isSettled]));
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    answers[1]?.resolve('second');
    await flush();
    expect(seen).toEqual([[[true, false], false]]);
    expect(call.value).toBe('second');
  });

  it('settles every call by what its attempts do, and holds nothing afterwards', async () => {
    const attempt = fc.record({
      endsAfter: fc.integer({ min: 1, max: 300 }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(attempt, { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 0, max: 120 }),
        async (plan, delayMs) => {
          const budget = retryBudget();
          const { clock, policy } = setup({ delayMs, maxHedges: 2, budget });
          let begun = 0;
          const operation = safe(({ signal }: OperationContext) => {
            const mine = plan[begun] ?? plan[0];
            begun += 1;
            const name = begun;
            return new Promise<number>((resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason));
              clock.setTimer(
                () => (mine?.fails ? reject(name) : resolve(name)),
                mine?.endsAfter ?? 0,
              );
            });
          });
          const call = outcomeOf(policy.execute(operation));
          await clock.advanceAsync(1000);
          const haveFailed = plan.slice(0, begun).every(({ fails }) => fails);
          const winnerFailed = plan[(call.value ?? 0) - 1]?.fails;
          expect(call.isSettled).toBe(true);
          // It fails if all its attempts failed, and is won by one that did not.
          expect(winnerFailed).toBe(haveFailed ? undefined : false);
          expect(budget).toMatchObject({ calls: 0, extras: 0 });
          expect(clock.pendingTimers).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a delay that follows the latency', () => {
  const observed = (options: HedgeOptions = {}) => {
    const parts = setup({ delayMs: { percentile: 0.9, minMs: 5, initialMs: 700 }, ...options });
    const { clock, policy } = parts;
    /** One call after the other, each of which takes `ms`. */
    const take = async (ms: number, calls: number) => {
      for (let n = 0; n < calls; n += 1) {
        const answer = deferred<void>();
        const call = policy.execute(safe(() => answer.promise));
        clock.advance(ms);
        answer.resolve();
        await call;
      }
      clock.advance(100);
    };
    return { ...parts, take };
  };

  it('is the first one while too few calls were observed', async () => {
    const { policy, take } = observed();
    expect(policy.delayMs).toBe(700);
    await take(20, HEDGE_DEFAULTS.minimumCalls - 1);
    expect(policy.delayMs).toBe(700);
    await take(20, 1);
    expect(policy.delayMs).toBeCloseTo(20, -1);
  });

  it('is what the share of the calls did not exceed, to 2 percent', async () => {
    const { policy, take } = observed();
    await take(10, 89);
    await take(40, 11);
    expect(policy.delayMs).toBeGreaterThan(39);
    expect(policy.delayMs).toBeLessThan(41);
    await take(10, 50);
    expect(policy.delayMs).toBeLessThan(11);
  });

  it('is never below its floor', async () => {
    const { policy, take } = observed();
    await take(1, 50);
    expect(policy.delayMs).toBe(5);
  });

  it('forgets after a minute', async () => {
    const { clock, policy, take } = observed();
    await take(20, 50);
    clock.advance(2 * HEDGE_DEFAULTS.observedMs);
    expect(policy.delayMs).toBe(700);
  });

  it('is used for the next attempt', async () => {
    const { clock, policy, take, operation, startedAt } = observed();
    const heard = recordEvents(policy);
    await take(20, 50);
    const now = clock.now();
    outcomeOf(policy.execute(operation));
    await clock.advanceAsync(30);
    expect(startedAt[1]).toBeCloseTo(now + 20, -1);
    expect(heard[0]).toMatchObject(['hedged', { delayMs: policy.delayMs }]);
  });

  it('sees the slow attempts that lost: they took at least so long', async () => {
    const { clock, policy, take, operation, answers } = observed();
    await take(20, 50);
    for (let n = 0; n < 25; n += 1) {
      const call = policy.execute(operation);
      await clock.advanceAsync(60);
      answers.at(-1)?.resolve('the latest');
      await call;
    }
    clock.advance(100);
    // A third of the calls took that long, though every caller was answered by a quicker attempt.
    expect(policy.delayMs).toBeGreaterThan(58);
  });

  it('does not see the attempts that began last and were given up soon', async () => {
    const { clock, policy, take, operation, answers } = observed({
      delayMs: { percentile: 0.5, minMs: 1 },
      maxHedges: 2,
    });
    await take(20, 25);
    for (let n = 0; n < 50; n += 1) {
      const first = answers.length;
      const call = policy.execute(operation);
      await clock.advanceAsync(45);
      answers[first]?.resolve('the first');
      await call;
    }
    clock.advance(100);
    expect(policy.delayMs).toBeGreaterThan(43);
  });

  it('does not see failures', async () => {
    const { clock, policy, take } = observed();
    await take(50, 30);
    const fail = safe(() => Promise.reject(down));
    for (let n = 0; n < 500; n += 1) await policy.execute(fail).catch(() => {});
    clock.advance(100);
    expect(policy.delayMs).toBeGreaterThan(48);
  });
});

describe('the budget', () => {
  it('bounds the further attempts, and gets them back', async () => {
    const budget = retryBudget({ minConcurrent: 1, ratio: 0 });
    const { clock, policy, operation, answers, startedAt } = setup({ budget });
    const heard = recordEvents(policy);
    const calls = [policy.execute(operation), policy.execute(operation)];
    await clock.advanceAsync(100);
    expect(startedAt).toEqual([0, 0, 100]);
    expect(heard).toEqual([
      ['hedged', { attempt: 2, delayMs: 100 }],
      ['withheld', { delayMs: 100 }],
    ]);
    expect(budget).toMatchObject({ calls: 2, extras: 1 });
    for (const answer of answers) answer.resolve('done');
    await Promise.all(calls);
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
  });

  it('gets an attempt back when that one ends, though the call goes on', async () => {
    const budget = retryBudget({ minConcurrent: 1, ratio: 0 });
    const { clock, policy, operation, answers } = setup({ budget });
    outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    answers[1]?.reject(down);
    await flush();
    expect(budget).toMatchObject({ calls: 1, extras: 0 });
  });

  it('is shared with retries: both are extra load', async () => {
    const budget = retryBudget({ minConcurrent: 2, ratio: 0 });
    const { clock, policy, operation, answers, startedAt } = setup({ budget });
    const backoff = { kind: 'constant', delayMs: 10, jitter: 'none' } as const;
    const again = retry({ clock, budget, backoff });
    const call = outcomeOf(pipeline([again, policy]).execute(operation));
    answers[0]?.reject(down);
    await clock.advanceAsync(10);
    expect(budget).toMatchObject({ calls: 1, extras: 1 });
    await clock.advanceAsync(100);
    expect(startedAt).toEqual([0, 10, 110]);
    expect(budget).toMatchObject({ calls: 1, extras: 2 });
    answers[2]?.resolve('third');
    await flush();
    expect(call.value).toBe('third');
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
  });
});

describe('what is around a hedge', () => {
  it('gives up all its attempts when the caller does', async () => {
    const budget = retryBudget();
    const { clock, policy, operation, aborted, contexts } = setup({ budget });
    const controller = new AbortController();
    const call = outcomeOf(policy.execute(operation, { signal: controller.signal }));
    await clock.advanceAsync(100);
    controller.abort('enough');
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(aborted()).toEqual([true, true]);
    expect(contexts.map(({ signal }) => signal.reason)).toEqual(['enough', 'enough']);
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends the wait for the next one too', async () => {
    const { clock, policy, operation, startedAt } = setup();
    const controller = new AbortController();
    outcomeOf(policy.execute(operation, { signal: controller.signal }));
    controller.abort();
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(1000);
    expect(startedAt).toEqual([0]);
  });

  it.each(['hedged', 'withheld', 'dropped', 'won'] as const)(
    'may abort it in %s, and everything is given back',
    async (where) => {
      const budget = retryBudget({ ratio: 0, minConcurrent: where === 'withheld' ? 0 : 1 });
      const { clock, policy, operation, answers, startedAt } = setup({ budget });
      const controller = new AbortController();
      policy.events.on(where, () => controller.abort('in a listener'));
      const call = outcomeOf(policy.execute(operation, { signal: controller.signal }));
      await clock.advanceAsync(100);
      if (where === 'dropped') answers[0]?.reject(down);
      answers[1]?.resolve('second');
      await flush();
      expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'in a listener' });
      expect(startedAt).toHaveLength(where === 'hedged' || where === 'withheld' ? 1 : 2);
      expect(budget).toMatchObject({ calls: 0, extras: 0 });
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('may abort it in hedged, where there is no budget to give back to', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { clock, policy, operation, startedAt } = setup();
    const controller = new AbortController();
    policy.events.on('hedged', () => controller.abort('in a listener'));
    const call = outcomeOf(policy.execute(operation, { signal: controller.signal }));
    await clock.advanceAsync(100);
    expect(call.error).toMatchObject({ code: 'ABORTED' });
    expect(startedAt).toHaveLength(1);
    // What fails in a timer is told so.
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('such as a time limit that is nearer than the delay spares it the timer', async () => {
    const { clock, policy, operation, startedAt } = setup();
    const call = outcomeOf(policy.execute(operation, { timeoutMs: 100 }));
    await clock.advanceAsync(100);
    expect(call.error).toMatchObject({ code: 'TIMEOUT' });
    expect(startedAt).toEqual([0]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what is inside a hedge', () => {
  it('as a time limit is for each attempt', async () => {
    const { clock, policy, operation } = setup();
    const call = outcomeOf(
      pipeline([policy, timeout({ timeoutMs: 150, clock })]).execute(operation),
    );
    await clock.advanceAsync(249);
    expect(call.isSettled).toBe(false);
    await clock.advanceAsync(1);
    expect(call.error).toMatchObject({ code: 'TIMEOUT', timeoutMs: 150 });
    expect(clock.pendingTimers).toBe(0);
  });

  it('as a breaker counts the winner, and the losers as nothing', async () => {
    const { clock, policy, operation, answers } = setup();
    const breaker = new CircuitBreaker({ name: 'x', clock });
    const call = pipeline([policy, breaker]).execute(operation);
    await clock.advanceAsync(100);
    answers[1]?.resolve('second');
    await call;
    answers[0]?.reject(down);
    await flush();
    expect(breaker.stats()).toMatchObject({
      inFlight: 0,
      totals: { succeeded: 1, ignored: 1, failed: 0, late: 0 },
    });
  });

  it('as a breaker that refuses the further attempt leaves the first alone', async () => {
    const { clock, policy, operation, answers } = setup();
    const breaker = new CircuitBreaker({ name: 'x', clock });
    const call = outcomeOf(pipeline([policy, breaker]).execute(operation));
    breaker.holdOpen();
    await clock.advanceAsync(100);
    expect(call.isSettled).toBe(false);
    answers[0]?.resolve('first');
    await flush();
    expect(call.value).toBe('first');
  });
});

describe('where it runs', () => {
  it('is the caller’s async context', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { clock, policy } = setup();
    const seen: unknown[] = [];
    const note = () => {
      seen.push(storage.getStore());
      return new Promise<never>(() => {});
    };
    policy.events.on('hedged', note);
    storage.run('caller', () => outcomeOf(policy.execute(safe(note))));
    await clock.advanceAsync(100);
    expect(seen).toEqual(['caller', 'caller', 'caller']);
  });
});

describe('listeners and clocks', () => {
  it('that fail are reported and change nothing', async () => {
    const broken = () => {
      throw new Error('callback is broken');
    };
    const { clock, policy, operation, answers, onListenerError } = setup();
    policy.events.on('dropped', broken);
    const call = outcomeOf(policy.execute(operation));
    await clock.advanceAsync(100);
    answers[0]?.reject(down);
    await flush();
    answers[1]?.resolve('second');
    await flush();
    expect(call.value).toBe('second');
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'listener', name: 'dropped' }]]);
  });

  it.each([100, { initialMs: 100 }])('without timers make plain calls: %o', async (delayMs) => {
    const { policy, operation, answers, onListenerError } = setup({
      delayMs,
      clock: {
        now: () => 0,
        wallTime: () => 0,
        setTimer: () => {
          throw new Error('no timers here');
        },
      },
    });
    const call = policy.execute(operation);
    answers[0]?.resolve('first');
    await expect(call).resolves.toBe('first');
    expect(onListenerError.mock.calls).toMatchObject([[{ kind: 'callback', name: 'clock' }]]);
  });

  it('have one timer for a thousand calls that may be hedged', async () => {
    const { clock, policy, operation, answers } = setup();
    const calls = Array.from({ length: 1000 }, () => policy.execute(operation));
    expect(clock.pendingTimers).toBe(1);
    for (const answer of answers) answer.resolve('done');
    await Promise.all(calls);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('impossible options', () => {
  it.each([
    [{ delayMs: -1 }, 'delayMs'],
    [{ delayMs: null }, 'delayMs'],
    [{ delayMs: 'p95' }, 'delayMs'],
    [{ delayMs: { percentile: 95 } }, 'delayMs.percentile'],
    [{ delayMs: { percentile: 0.4 } }, 'delayMs.percentile'],
    [{ delayMs: { percentile: 1 } }, 'delayMs.percentile'],
    [{ delayMs: { minMs: -1 } }, 'delayMs.minMs'],
    [{ delayMs: { initialMs: Number.NaN } }, 'delayMs.initialMs'],
    [{ delayMs: { floorMs: 1 } }, 'delayMs.floorMs'],
    [{ maxHedges: 0 }, 'maxHedges'],
    [{ maxHedges: 11 }, 'maxHedges'],
    [{ budget: {} }, 'budget'],
    [{ maxAttempts: 2 }, 'maxAttempts'],
    [null, 'options'],
  ])('%o are refused', (options, option) => {
    expect(() => hedge(options as unknown as HedgeOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });
});
