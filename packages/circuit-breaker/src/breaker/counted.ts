import { askGuarded } from '../events/guard.js';
import type { Settings } from '../options.js';
import { LONGEST_MS } from '../validation.js';
import { WHOLE } from '../window/outcome-window.js';
import { defaultClassify } from './default-classify.js';
import type { Classification, Outcome, Settled, Verdict } from './outcome.js';

/** What a call counts as, made ready for the machine. */
export interface Counted {
  readonly outcome: Outcome;
  /** In hundredths. */
  readonly weight: number;
  /** Open now, for so many ms. */
  readonly openForMs: number | undefined;
}

const plain = (outcome: Outcome): Counted =>
  Object.freeze({ outcome, weight: WHOLE, openForMs: undefined });

/** What plain outcomes count as; shared, because most calls have one of them. */
export const PLAIN: Readonly<Record<Outcome, Counted>> = {
  success: plain('success'),
  failure: plain('failure'),
  ignored: plain('ignored'),
};

/** What a classification is, in words. */
export const CLASSIFICATION =
  "'success', 'failure' or 'ignored', or an object with such an outcome, a weight of 0.01 to 100 and openForMs above 0";

const CLASSIFY = { kind: 'callback', name: 'classify', expected: CLASSIFICATION } as const;

const isOutcome = (answer: unknown): answer is Outcome =>
  typeof answer === 'string' && Object.hasOwn(PLAIN, answer);

const inRange = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && value >= min && value <= max;

/** What `answer` stands for; undefined if it is no classification. Reads each part of it once. */
const read = (answer: unknown): Counted | undefined => {
  if (isOutcome(answer)) return PLAIN[answer];
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { outcome, weight = 1, openForMs } = answer as Partial<Verdict>;
  if (!isOutcome(outcome) || !inRange(weight, 0.01, 100)) return undefined;
  if (openForMs !== undefined && !inRange(openForMs, Number.MIN_VALUE, LONGEST_MS)) {
    return undefined;
  }
  return { outcome, weight: Math.round(weight * WHOLE), openForMs };
};

export const isClassification = (answer: unknown): answer is Classification =>
  read(answer) !== undefined;

/** What the end of a call counts as. An answer that is none is reported, and the default takes its place. */
export const countedAs = (settings: Settings, settled: Settled): Counted => {
  const { classify, onListenerError } = settings;
  if (classify === undefined) return PLAIN[defaultClassify(settled)];
  let counted: Counted | undefined;
  askGuarded(
    () => classify(settled),
    (answer) => {
      // Within the guard, for the answer may be an object of any kind.
      counted = read(answer);
      return counted !== undefined;
    },
    CLASSIFY,
    onListenerError,
  );
  return counted ?? PLAIN[defaultClassify(settled)];
};
