import { describe, expect, it, vi } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { hanging, outcomeOf } from '../../test/support/operations.js';
import type { OperationContext } from '../operation/operation.js';
import { safe } from '../operation/repeatable.js';
import { pipeline } from '../pipeline/pipeline.js';
import { ManualClock } from '../testing/manual-clock.js';
import { adaptive } from './bulkhead/adaptive.js';
import { bulkhead } from './bulkhead.js';
import { hedge } from './hedge.js';
import { retry } from './retry.js';
import { retryBudget } from './retry-budget.js';

const down = new Error('down');
const backoff = { kind: 'constant', delayMs: 10, jitter: 'none' } as const;

describe('attempts of a hedge that are given up', () => {
  it('hear of it at once where their caller gives up', async () => {
    const clock = new ManualClock();
    const heard: unknown[] = [];
    const operation = safe(({ signal, attempt }: OperationContext) => {
      signal.addEventListener('abort', () => heard.push([attempt, signal.reason]));
      return new Promise<never>(() => {});
    });
    const controller = new AbortController();
    const options = { signal: controller.signal };
    outcomeOf(hedge({ clock, delayMs: 100 }).execute(operation, options));
    await clock.advanceAsync(100);
    controller.abort('enough');
    expect(heard).toEqual([
      [1, 'enough'],
      [2, 'enough'],
    ]);
  });

  it('are told of to what is inside as the losers that they are', async () => {
    const clock = new ManualClock();
    const errors: unknown[] = [];
    const maxConcurrent = adaptive({
      classify: (settled) => {
        if (settled.status === 'rejected') errors.push(settled.error);
        return 'ignored';
      },
    });
    const answers = [deferred<string>(), deferred<string>()];
    const around = pipeline([hedge({ clock, delayMs: 100 }), bulkhead({ maxConcurrent, clock })], {
      order: 'unchecked',
    });
    const call = around.execute(
      safe(({ attempt }: OperationContext) => answers[attempt - 1]?.promise),
    );
    await clock.advanceAsync(100);
    answers[1]?.resolve('second');
    await expect(call).resolves.toBe('second');
    expect(errors).toMatchObject([
      { code: 'ABORTED', message: 'Another attempt of the same call was quicker.' },
    ]);
  });
});

describe('a hedge without a budget', () => {
  it('may be given up while it tells of the next attempt', async () => {
    const clock = new ManualClock();
    const policy = hedge({ clock, delayMs: 100 });
    const controller = new AbortController();
    policy.events.on('hedged', () => controller.abort('enough'));
    const { operation, contexts } = hanging();
    const call = outcomeOf(policy.execute(operation, { signal: controller.signal }));
    await clock.advanceAsync(100);
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect([contexts.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});

describe('a hedge inside a retry', () => {
  it('leaves the call counted in a budget they share, and is over when it has failed', async () => {
    const clock = new ManualClock();
    const budget = retryBudget();
    const around = pipeline([
      retry({ clock, budget, backoff }),
      hedge({ clock, budget, delayMs: 100 }),
    ]);
    const operation = vi.fn(() => Promise.reject(down));
    const controller = new AbortController();
    const call = outcomeOf(around.execute(safe(operation), { signal: controller.signal }));
    await flush();
    expect(budget).toMatchObject({ calls: 1, extras: 1 });
    controller.abort('enough');
    await flush();
    expect(call.error).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(budget).toMatchObject({ calls: 0, extras: 0 });
    expect([operation.mock.calls.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});

describe('the delay of a hedge', () => {
  it('can be read', () => {
    expect(hedge({ delayMs: 120 }).delayMs).toBe(120);
  });

  it('that follows the latency is computed anew after 100 ms', async () => {
    const clock = new ManualClock();
    const policy = hedge({ clock, delayMs: { percentile: 0.5, minMs: 1, initialMs: 700 } });
    const answer = deferred<void>();
    const calls = Array.from({ length: 30 }, () => policy.execute(safe(() => answer.promise)));
    clock.advance(50);
    answer.resolve();
    await Promise.all(calls);
    clock.advance(49);
    expect(policy.delayMs).toBe(700);
    clock.advance(1);
    expect(policy.delayMs).toBeCloseTo(50, -1);
  });
});
