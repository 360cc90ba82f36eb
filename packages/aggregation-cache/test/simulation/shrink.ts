import type { Plan } from './plan.js';
import { isWrong, type Outcome, runPlan } from './run-plan.js';
import type { Planted } from './world/world.js';

/** Leaves out whatever is not needed for it to go wrong, a step at a time, as long as that helps. */
export const shrink = async (outcome: Outcome, planted: Planted = {}): Promise<Outcome> => {
  let smallest = outcome;
  for (
    let size = Math.ceil(outcome.plan.steps.length / 2);
    size >= 1;
    size = Math.floor(size / 2)
  ) {
    for (let at = 0; at < smallest.plan.steps.length; ) {
      const smaller = await runPlan(without(smallest.plan, at, size), planted);
      if (isWrong(smaller)) smallest = smaller;
      else at += size;
    }
  }
  return smallest;
};

/** The time that the steps took goes by all the same. */
const without = (plan: Plan, at: number, size: number): Plan => {
  const left = plan.steps.slice(at, at + size).reduce((sum, { gapMs }) => sum + gapMs, 0);
  const steps = plan.steps.toSpliced(at, size);
  const next = steps[at];
  if (next !== undefined) steps[at] = { ...next, gapMs: next.gapMs + left };
  return { ...plan, steps };
};
