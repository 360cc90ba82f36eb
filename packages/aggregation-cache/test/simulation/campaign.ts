import { planOf } from './plan.js';
import { isWrong, type Outcome, runPlan } from './run-plan.js';
import type { Planted } from './world/world.js';

/** Worlds under way at a time: while one waits for its promises, another goes on. */
const AT_ONCE = 16;
const MOST_SEED = 2 ** 32;

/** What the interleavings of a campaign came to. */
export interface Tally {
  readonly done: number;
  readonly reads: number;
  /** Answers that came from a tier, so that there was something to be wrong. */
  readonly hits: number;
}

export interface Campaign extends Tally {
  /** The first that went wrong, in the order of the seeds. */
  readonly wrong: Outcome | undefined;
}

/** The seed of interleaving `index` of a campaign; alone, it is run again by this seed. */
export const seedOf = (seed: number, index: number): number => (seed + index) % MOST_SEED;

/** Runs so many interleavings, or until one goes wrong. */
export const runCampaign = async (
  { seed, interleavings }: { readonly seed: number; readonly interleavings: number },
  planted: Planted = {},
  onProgress: (tally: Tally) => void = () => {},
): Promise<Campaign> => {
  const tally = { done: 0, reads: 0, hits: 0 };
  const wrong = new Map<number, Outcome>();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < interleavings && wrong.size === 0) {
      const index = next;
      next += 1;
      const outcome = await runPlan(planOf(seedOf(seed, index)), planted);
      count(tally, outcome);
      if (isWrong(outcome)) wrong.set(index, outcome);
      onProgress(tally);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { ...tally, wrong: wrong.get(Math.min(...wrong.keys())) };
};

const count = (tally: { -readonly [K in keyof Tally]: Tally[K] }, { history }: Outcome): void => {
  tally.done += 1;
  for (const call of history.calls) {
    if (call.kind !== 'read' || call.rows === undefined) continue;
    tally.reads += 1;
    if (call.from !== 'member') tally.hits += 1;
  }
};
