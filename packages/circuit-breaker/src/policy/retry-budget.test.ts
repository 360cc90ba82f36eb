import { describe, expect, it } from 'vitest';
import { flush } from '../../test/support/deferred.js';
import { hanging, outcomeOf } from '../../test/support/operations.js';
import { safe } from '../operation/repeatable.js';
import { pipeline } from '../pipeline/pipeline.js';
import { ManualClock } from '../testing/manual-clock.js';
import { retry } from './retry.js';
import { type RetryBudgetOptions, retryBudget } from './retry-budget.js';

const backoff = { kind: 'constant', delayMs: 100, jitter: 'none' } as const;
const fail = safe(() => Promise.reject(new Error('down')));

describe('a retry budget', () => {
  it('allows a few extra attempts however few calls run', () => {
    const budget = retryBudget();
    expect([1, 2, 3, 4].map(() => budget.tryTake())).toEqual([true, true, true, false]);
    budget.giveBack();
    expect(budget.extras).toBe(2);
    expect(budget.tryTake()).toBe(true);
  });

  it('allows a share of the calls that run, and never more than that', () => {
    const budget = retryBudget({ ratio: 0.2, minConcurrent: 0 });
    const take = () => {
      let taken = 0;
      while (budget.tryTake()) taken += 1;
      return taken;
    };
    expect(take()).toBe(0);
    const calls = Array.from({ length: 14 }, () => ({}));
    for (const call of calls) budget.callStarted(call);
    expect(take()).toBe(2);
    budget.callStarted({});
    expect(take()).toBe(1);
  });

  it('counts a call once, and says so to whoever counted it', () => {
    const budget = retryBudget();
    const call = {};
    expect([budget.callStarted(call), budget.callStarted(call)]).toEqual([true, false]);
    expect(budget.calls).toBe(1);
    budget.callEnded(call);
    expect(budget.calls).toBe(0);
  });

  it('counts the attempts that wait, so that they cannot all come at once', async () => {
    const clock = new ManualClock();
    const budget = retryBudget({ minConcurrent: 2 });
    const policy = retry({ clock, backoff, budget });
    const reasons: string[] = [];
    policy.events.on('gaveUp', ({ reason }) => reasons.push(reason));
    const calls = Array.from({ length: 5 }, () => outcomeOf(policy.execute(fail)));
    await flush();
    expect(budget).toMatchObject({ calls: 2, extras: 2 });
    expect(calls.map(({ isSettled }) => isSettled)).toEqual([false, false, true, true, true]);
    expect(reasons).toEqual(['budget', 'budget', 'budget']);
    await clock.advanceAsync(1000);
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
  });

  it('is shared by policies, also by those inside each other', async () => {
    const clock = new ManualClock();
    const budget = retryBudget({ ratio: 1, minConcurrent: 0 });
    const options = { clock, backoff, budget, maxAttempts: 2 };
    const both = pipeline([retry(options), retry(options)], { order: 'unchecked' });
    const { operation } = hanging();
    const calls = [0, 1].map(() => outcomeOf(both.execute(fail)));
    const other = outcomeOf(retry(options).execute(operation, { timeoutMs: 5000 }));
    expect(budget.calls).toBe(3);
    await clock.advanceAsync(5000);
    expect([...calls, other].every(({ isSettled }) => isSettled)).toBe(true);
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
  });

  it('counts a call until the outermost policy that shares it is done with it', async () => {
    const clock = new ManualClock();
    const budget = retryBudget();
    const options = { clock, backoff, budget, maxAttempts: 2 };
    const both = pipeline([retry(options), retry(options)], { order: 'unchecked' });
    const call = outcomeOf(both.execute(fail));
    await clock.advanceAsync(199);
    expect(budget).toMatchObject({ calls: 1, extras: 1 });
    await clock.advanceAsync(1000);
    expect(call.isSettled).toBe(true);
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
  });

  it.each([
    [{ ratio: -0.1 }, 'ratio'],
    [{ ratio: 1.1 }, 'ratio'],
    [{ minConcurrent: 1.5 }, 'minConcurrent'],
    [{ minConcurrent: 1001 }, 'minConcurrent'],
    [{ percent: 20 }, 'percent'],
    [null, 'options'],
  ])('refuses %o', (options, option) => {
    expect(() => retryBudget(options as RetryBudgetOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option }),
    );
  });

  it.each([null, 0.2, {}])('is known where one is asked for, which %o is not', (budget) => {
    expect(() => retry({ budget: budget as never })).toThrow(
      "Option 'budget' must be a budget made by retryBudget()",
    );
  });
});
