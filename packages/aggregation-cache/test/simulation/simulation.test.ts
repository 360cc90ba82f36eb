import { describe, expect, it } from 'vitest';
import { runCampaign } from './campaign.js';
import { faults } from './faults.js';
import { planOf } from './plan.js';
import { printOutcome } from './print-outcome.js';
import { isWrong, runPlan } from './run-plan.js';
import { shrink } from './shrink.js';
import type { Planted } from './world/world.js';

const SEED = 20_260_101;
/** A busy machine takes its time. */
const PATIENCE = 120_000;

const overDatabase = (fetch: () => Promise<never>): Planted => ({
  process: (parts, start) => {
    const { database } = parts;
    return start({
      ...parts,
      database: {
        fetch,
        knowsTimes: true,
        currentPoint: (toldBy) => database.currentPoint(toldBy),
        members: () => [],
        close: () => {},
      } as typeof database,
    });
  },
});

describe('whatever goes wrong around it', () => {
  it(
    'no answer is stale, each call is answered, and all is well when all is well again',
    async () => {
      const { done, reads, hits, wrong } = await runCampaign({ seed: SEED, interleavings: 400 });
      expect(wrong && printOutcome(wrong)).toBeUndefined();
      expect(done).toBe(400);
      // There was something that could have been stale.
      expect(hits).toBeGreaterThan(reads / 5);
    },
    PATIENCE,
  );

  it('the same seed is the same history', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const [one, other] = await Promise.all([runPlan(planOf(seed)), runPlan(planOf(seed))]);
      expect(other.history).toEqual(one.history);
      expect(one.history.calls.length).toBeGreaterThan(5);
    }
  });
});

describe('it is found out when a cache', () => {
  it.each(faults)(
    '$name',
    async ({ seed, planted }) => {
      const { wrong } = await runCampaign({ seed, interleavings: 3_000 }, planted);
      expect(wrong?.stale.length).toBeGreaterThan(0);
    },
    PATIENCE,
  );

  it(
    'never answers',
    async () => {
      const silent = overDatabase(() => new Promise(() => {}));
      const { wrong } = await runCampaign({ seed: 1, interleavings: 100 }, silent);
      expect(wrong?.unanswered.length).toBeGreaterThan(0);
    },
    PATIENCE,
  );

  it(
    'refuses to answer though all is well',
    async () => {
      const failing = overDatabase(() => Promise.reject(new Error('never')));
      const { wrong } = await runCampaign({ seed: 1, interleavings: 100 }, failing);
      expect(wrong?.refused.length).toBeGreaterThan(0);
    },
    PATIENCE,
  );
});

describe('a failure', () => {
  it(
    'is shrunk to the steps that it needs, and told with its seed',
    async () => {
      const [fault] = faults.filter(({ name }) => name.startsWith('refills'));
      const { wrong } = await runCampaign({ seed: 8, interleavings: 100 }, fault?.planted);
      if (wrong === undefined || fault === undefined) throw new Error('nothing was found');
      const smallest = await shrink(wrong, fault.planted);
      expect(isWrong(smallest)).toBe(true);
      expect(smallest.plan.steps.length).toBeLessThan(wrong.plan.steps.length / 2);
      const text = printOutcome(smallest);
      expect(text).toMatch(/^seed \d+: \d processes/);
      expect(text).toMatch(/ writes \w+:\d => write \d at time \d/);
      expect(text).toMatch(/\nSTALE: #\d+ p\d reads /);
      expect(text).toMatch(new RegExp(`\nagain: --seed ${wrong.plan.seed} --interleavings 1$`));
    },
    PATIENCE,
  );
});
