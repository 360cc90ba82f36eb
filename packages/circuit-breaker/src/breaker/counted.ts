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

const isVerdict = (answer: unknown): answer is Verdict => {
  if (typeof answer !== 'object' || answer === null) return false;
  const { outcome, weight = 1, openForMs = 1 } = answer as Partial<Verdict>;
  return (
    isOutcome(outcome) &&
    weight >= 0.01 &&
    weight <= 100 &&
    openForMs > 0 &&
    openForMs <= LONGEST_MS
  );
};

export const isClassification = (answer: unknown): answer is Classification =>
  isOutcome(answer) || isVerdict(answer);

/** What the end of a call counts as. An answer that is none is reported, and the default takes its place. */
export const countedAs = (settings: Settings, settled: Settled): Counted => {
  const { classify, onListenerError } = settings;
  const answer =
    classify === undefined
      ? undefined
      : askGuarded(() => classify(settled), isClassification, CLASSIFY, onListenerError);
  if (answer === undefined) return PLAIN[defaultClassify(settled)];
  if (typeof answer === 'string') return PLAIN[answer];
  const { outcome, weight = 1, openForMs } = answer;
  return { outcome, weight: Math.round(weight * WHOLE), openForMs };
};
