import type { Classify } from '../../src/index.js';
import { defaultClassify } from '../../src/index.js';
import type { Verdict } from './model-types.js';
import type { Prng } from './prng.js';

/** What an operation ends with: its value, or the error it fails with. */
export class Answer {
  readonly failed: boolean;
  /** What a breaker that classifies makes of it. */
  readonly says: Verdict | 'throws' | 'nonsense';
  /** Errors of this name are ignored by default. */
  readonly name: 'Answer' | 'AbortError';

  constructor(failed: boolean, says: Answer['says'], name: Answer['name'] = 'Answer') {
    this.failed = failed;
    this.says = says;
    this.name = name;
  }

  /** What it counts as. */
  verdict(isClassified: boolean, failed = this.failed): Verdict {
    if (isClassified && typeof this.says === 'object') return this.says;
    if (!failed) return { outcome: 'success' };
    return { outcome: this.name === 'AbortError' ? 'ignored' : 'failure' };
  }
}

/** @param failing how often calls fail, from 0 to 1 */
export const randomAnswer = (random: Prng, failing: number): Answer => {
  const failed = random.chance(failing);
  const name = random.chance(0.1) ? 'AbortError' : 'Answer';
  if (random.chance(0.05)) return new Answer(failed, random.pick(['throws', 'nonsense']), name);
  const outcome = random.chance(0.85)
    ? (failed && 'failure') || 'success'
    : random.pick(['success', 'failure', 'ignored'] as const);
  const weight = random.chance(0.2) ? random.pick([0.01, 0.5, 2, 7.25, 100]) : undefined;
  const openForMs = random.chance(0.03) ? 4 * random.int(1, 20) : undefined;
  return new Answer(failed, { outcome, weight, openForMs }, name);
};

/** A classifier that does what answers say. @param misbehave called before it throws or talks nonsense */
export const classifierOf =
  (misbehave: () => void): Classify =>
  (settled) => {
    const told = settled.status === 'fulfilled' ? settled.value : settled.error;
    if (!(told instanceof Answer)) return defaultClassify(settled);
    const { says } = told;
    if (typeof says === 'object') {
      const { outcome, weight, openForMs } = says;
      return weight === undefined && openForMs === undefined ? outcome : says;
    }
    misbehave();
    if (says === 'throws') throw new Error('the classifier is broken');
    return 'nonsense' as 'success';
  };
