import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Driver, type Step } from './driver.js';
import type { ModelOptions } from './reference-model.js';

const pick = fc.nat(20);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom({ do: 'acquire' }, { do: 'execute' } as const) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      pick,
      outcome: fc.constantFrom('success', 'failure', 'failure', 'ignored'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('abort', 'breakClassifier'), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.integer({ min: 1, max: 70 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.constantFrom(50, 60, 500) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('stepBack'), ms: fc.integer({ min: 1, max: 5000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('forceOpen', 'forceClosed', 'reset') }) },
) as fc.Arbitrary<Step>;

const options: fc.Arbitrary<ModelOptions> = fc.record({
  window: fc.oneof(
    fc.record({ kind: fc.constant('count' as const), size: fc.integer({ min: 3, max: 6 }) }),
    fc.record({
      kind: fc.constant('time' as const),
      durationMs: fc.constantFrom(60, 100),
      buckets: fc.constantFrom(1, 5, 7),
    }),
  ),
  // Exact in binary, so that the model may divide.
  failureRate: fc.constantFrom(0.25, 0.5, 0.75, 1),
  minimumCalls: fc.integer({ min: 1, max: 3 }),
  openForMs: fc.constant(50),
  trials: fc.integer({ min: 2, max: 3 }),
  maxConcurrent: fc.integer({ min: 1, max: 2 }),
  maxTrialMs: fc.constant(60),
});

describe('the breaker and its model', () => {
  it('agree after every step of any schedule of calls, results, aborts, clock steps and broken callbacks', async () => {
    const steps = fc.array(step, { minLength: 10, maxLength: 80, size: 'max' });
    const checked = fc.assert(
      fc.asyncProperty(options, steps, async (given, schedule) => {
        await new Driver(given).run(schedule);
      }),
      { numRuns: 1000 },
    );
    await expect(checked).resolves.toBeUndefined();
  });
});
