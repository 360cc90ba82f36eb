import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flush } from '../../../test/support/deferred.js';
import { rateLimit } from '../../index.js';
import { ManualClock } from '../../testing/index.js';

const INTERVAL_MS = 100;
/** What sums of times are not exact to. */
const INEXACT_MS = 0.001;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      timeoutMs: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abort' as const), at: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(70) }) },
  // Time that no timer is told of.
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump' as const), ms: fc.nat(70) }) },
);

const schedules = fc.record({
  kind: fc.constantFrom('tokenBucket' as const, 'slidingWindow' as const),
  limit: fc.integer({ min: 1, max: 4 }),
  maxWaitMs: fc.nat(250),
  steps: fc.array(step, { minLength: 5, maxLength: 40 }),
});

describe('whatever calls, aborts and deadlines come in between', () => {
  it('no more calls begin than the limit allows, in order, and each caller is answered once', async () => {
    await fc.assert(
      fc.asyncProperty(schedules, async ({ steps, ...options }) => {
        const clock = new ManualClock();
        const policy = rateLimit({ ...options, intervalMs: INTERVAL_MS, clock });
        const callers: { readonly controller: AbortController; answers: number }[] = [];
        const begun: { readonly id: number; readonly at: number }[] = [];
        const call = (timeoutMs: number | undefined) => {
          const id = callers.length;
          const caller = { controller: new AbortController(), answers: 0 };
          callers.push(caller);
          const answered = () => {
            caller.answers += 1;
          };
          policy
            .execute(() => begun.push({ id, at: clock.now() }), {
              signal: caller.controller.signal,
              timeoutMs,
            })
            .then(answered, answered);
        };
        for (const taken of steps) {
          if (taken.kind === 'call') call(taken.timeoutMs);
          else if (taken.kind === 'abort') callers[taken.at]?.controller.abort();
          else if (taken.kind === 'jump') clock.jump(taken.ms);
          else clock.advance(taken.ms);
        }
        await clock.advanceAsync(1000);
        await flush();

        const { limit, kind } = options;
        // A bucket that was full gives out what comes meanwhile, too.
        const allowed = kind === 'slidingWindow' ? limit : 2 * limit;
        const most = begun.map(
          ({ at: from }) =>
            begun.filter(({ at }) => at >= from && at < from + INTERVAL_MS - INEXACT_MS).length,
        );
        expect(Math.max(0, ...most)).toBeLessThanOrEqual(allowed);
        const ids = begun.map(({ id }) => id);
        expect(ids).toEqual(ids.toSorted((one, other) => one - other));
        expect(callers.every(({ answers }) => answers === 1)).toBe(true);
        expect([policy.queued, clock.pendingTimers]).toEqual([0, 0]);
      }),
      { numRuns: 200 },
    );
  });
});
