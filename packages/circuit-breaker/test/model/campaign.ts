import { type Step, Steps } from './action.js';
import { Answer } from './answer.js';
import { Driver } from './driver.js';
import { Prng, seedOf } from './prng.js';
import { randomScenario, type Scenario } from './scenario.js';
import { watchProcess } from './watched-process.js';

/** Steps after which a new breaker with new options takes over. */
const STEPS_PER_EPISODE = 200;

/** Steps that are shown of an episode that went wrong. */
const STEPS_SHOWN = 40;

/** The life of one breaker. */
interface Episode {
  readonly scenario: Scenario;
  readonly steps: readonly Step[];
}

/** Where breaker and model differed. */
export interface Finding {
  readonly message: string;
  /** Steps made until then. */
  readonly steps: number;
  /** The episode, made as short as it could be, and what differs at its end. */
  readonly shortest: Episode & { readonly message: string };
}

const LAST_ANSWER = new Answer(false, { outcome: 'success' });

const episodeOf = (seed: number, length: number): Episode => {
  const random = new Prng(seed);
  const scenario = randomScenario(random);
  const steps = new Steps(random, scenario);
  return { scenario, steps: Array.from({ length }, () => steps.next()) };
};

/** @returns what differs, and after how many steps, if something does */
const play = async ({ scenario, steps }: Episode): Promise<[string, number] | undefined> => {
  const stopWatching = watchProcess();
  let made = 0;
  try {
    const driver = new Driver(scenario);
    for (const step of steps) {
      made += 1;
      const settled = driver.step(step);
      if (settled !== undefined) await settled;
    }
    await driver.end(LAST_ANSWER);
    return undefined;
  } catch (error) {
    return [error instanceof Error ? error.message : String(error), made];
  } finally {
    stopWatching();
  }
};

type Shortest = Finding['shortest'];

/** The same difference, or another, by as few steps as leaving some out can reach. */
const shortened = async (episode: Shortest): Promise<Shortest> => {
  let best = episode;
  for (let size = best.steps.length >> 1; size >= 1; size >>= 1) {
    best = await without(best, size);
  }
  return best.steps.length < episode.steps.length ? shortened(best) : best;
};

/** The same with as many pieces of `size` steps left out as can be. */
const without = async (episode: Shortest, size: number): Promise<Shortest> => {
  let best = episode;
  for (let at = 0; at < best.steps.length; ) {
    const steps = [...best.steps.slice(0, at), ...best.steps.slice(at + size)];
    const found = await play({ ...best, steps });
    if (found === undefined) at += size;
    else best = { ...best, message: found[0], steps: steps.slice(0, found[1]) };
  }
  return best;
};

/**
 * Plays one breaker after the other, until `steps` steps are made or one differs from the model.
 * @param onProgress told how many steps are made
 */
export const search = async (
  seed: number,
  steps: number,
  onProgress: (made: number) => void = () => {},
): Promise<Finding | undefined> => {
  let made = 0;
  for (let index = 0; made < steps; index += 1) {
    const length = Math.min(STEPS_PER_EPISODE, steps - made);
    const episode = episodeOf(seedOf(seed, index), length);
    const difference = await play(episode);
    if (difference !== undefined) {
      const [message, until] = difference;
      const short = { ...episode, message, steps: episode.steps.slice(0, until) };
      return { message, steps: made + until, shortest: await shortened(short) };
    }
    made += length;
    onProgress(made);
  }
  return undefined;
};

/** A finding for people. */
export const inWords = ({ message, steps, shortest }: Finding): string => {
  const shown = shortest.steps.slice(-STEPS_SHOWN);
  return [
    `After ${steps} steps: ${message}`,
    `By ${shortest.steps.length} steps: ${shortest.message}`,
    JSON.stringify(shortest.scenario),
    ...shown.map((step) => JSON.stringify(step)),
  ].join('\n');
};
