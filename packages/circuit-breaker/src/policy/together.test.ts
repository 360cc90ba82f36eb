import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Deferred, deferred, flush } from '../../test/support/deferred.js';
import {
  bulkhead,
  CircuitBreaker,
  cache,
  coalesce,
  type OperationContext,
  pipeline,
  rateLimit,
  retry,
  safe,
  timeout,
} from '../index.js';
import { ManualClock } from '../testing/index.js';

/** All of them around each other, as small as can be, so that each refuses and lets wait. */
const build = () => {
  const clock = new ManualClock();
  const results = cache({ ttlMs: 300, staleIfErrorMs: 200, maxEntries: 2, clock });
  const shared = coalesce({ clock });
  const calls = bulkhead({ maxConcurrent: 3, maxQueue: 2, maxQueueMs: 150, clock });
  const attempts = bulkhead({ maxConcurrent: 2, maxQueue: 1, abandonAfterMs: 400, clock });
  const rate = rateLimit({ limit: 4, intervalMs: 100, maxWaitMs: 80, clock });
  const breaker = new CircuitBreaker({
    name: 'all',
    minimumCalls: 4,
    openForMs: 100,
    halfOpen: { maxDurationMs: 50, maxWaiting: 1, maxWaitMs: 30 },
    clock,
  });
  const backoff = { kind: 'constant', delayMs: 20, jitter: 'none' } as const;
  const all = pipeline(
    [
      results,
      shared,
      calls,
      retry({ maxAttempts: 2, backoff, clock }),
      attempts,
      rate,
      breaker,
      timeout({ timeoutMs: 120, clock }),
    ],
    { clock },
  );
  const held = () => ({
    running: [results.running, shared.running, calls.running, attempts.running],
    abandoned: [calls.abandoned, attempts.abandoned],
    queued: [calls.queued, attempts.queued, rate.queued],
    inFlight: breaker.stats().inFlight,
    timers: clock.pendingTimers,
  });
  return { clock, all, held };
};

const NOTHING = {
  running: [0, 0, 0, 0],
  abandoned: [0, 0],
  queued: [0, 0, 0],
  inFlight: 0,
  timers: 0,
};

const HOW = ['slow', 'heeding', 'failing', 'throwing', 'quick'] as const;

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      how: fc.constantFrom(...HOW),
      key: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
      timeoutMs: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('abort' as const), at: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(90) }) },
);

describe('all policies around each other', () => {
  it('answer each caller once and keep nothing, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const { clock, all, held } = build();
        const callers: { readonly controller: AbortController; answers: number }[] = [];
        const operations: Deferred<void>[] = [];

        const call = (taken: Extract<(typeof steps)[number], { kind: 'call' }>) => {
          const { how, key, timeoutMs } = taken;
          const caller = { controller: new AbortController(), answers: 0 };
          callers.push(caller);
          const run = safe(({ signal }: OperationContext): unknown => {
            if (how === 'throwing') throw new Error('at once');
            if (how === 'failing') return Promise.reject(new Error('down'));
            if (how === 'quick') return 'done';
            const operation = deferred<void>();
            operations.push(operation);
            if (how === 'heeding') signal.addEventListener('abort', () => operation.resolve());
            return operation.promise;
          });
          const answered = () => {
            caller.answers += 1;
          };
          all
            .execute(run, { key, timeoutMs, signal: caller.controller.signal })
            .then(answered, answered);
        };

        for (const taken of steps) {
          if (taken.kind === 'call') call(taken);
          else if (taken.kind === 'abort') callers[taken.at]?.controller.abort();
          else if (taken.kind === 'end') operations[taken.at]?.resolve();
          else await clock.advanceAsync(taken.ms);
        }
        // What hangs is not ended: everything must come to an end without it.
        await clock.advanceAsync(60_000);
        await flush();
        expect(callers.every(({ answers }) => answers === 1)).toBe(true);
        expect(held()).toEqual(NOTHING);
      }),
      { numRuns: 150 },
    );
  });
});
