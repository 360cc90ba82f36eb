import { CLASSIFICATION, isClassification } from '../breaker/counted.js';
import type { Classification, Outcome } from '../breaker/outcome.js';
import { InvalidOptionError } from '../errors.js';
import { isTrouble } from '../policy/standard-http/answer.js';
import { LONGEST_MS, readChoice, readNumber } from '../validation.js';

/** A call that was made. */
export interface TraceCall {
  /** When it began, in ms from any starting point. */
  readonly atMs: number;
  /** How long it took, in ms; 0 to 30 days. */
  readonly durationMs: number;
  /** What it counted as. One of `outcome` and `status` must be there. */
  readonly outcome?: Outcome | undefined;
  /** The HTTP status of its answer; 100 to 599; judged as by `classifyHttp`: from 500 up, 408 and 429 a failure, else a success. */
  readonly status?: number | undefined;
}

/** Calls, in whatever order. */
export type Trace = readonly TraceCall[];

/** What a call of a trace counts as. */
export type OutcomeOf<C extends TraceCall = TraceCall> = (call: C) => Classification;

/** A call, ready to be made again. */
export interface Replayed {
  readonly beginsAt: number;
  readonly endsAt: number;
  readonly counted: Classification;
}

/** In the order in which they began. @throws InvalidOptionError with the place of what is wrong */
export const readTrace = <C extends TraceCall>(
  trace: readonly C[],
  outcomeOf: OutcomeOf<C> | undefined,
): Replayed[] => {
  if (!Array.isArray(trace)) {
    throw new InvalidOptionError({ option: 'trace', value: trace, allowed: 'a list of calls' });
  }
  return trace
    .map((call: C, place) => readCall(`trace[${place}]`, call, outcomeOf))
    .sort((one, other) => one.beginsAt - other.beginsAt);
};

const readCall = <C extends TraceCall>(
  path: string,
  call: C,
  outcomeOf: OutcomeOf<C> | undefined,
): Replayed => {
  if (typeof call !== 'object' || call === null) {
    throw new InvalidOptionError({ option: path, value: call, allowed: 'an object' });
  }
  const beginsAt = readNumber(`${path}.atMs`, call.atMs, undefined, {
    min: -Number.MAX_SAFE_INTEGER,
    max: Number.MAX_SAFE_INTEGER,
    unit: 'ms',
  });
  const durationMs = readNumber(`${path}.durationMs`, call.durationMs, undefined, {
    min: 0,
    max: LONGEST_MS,
    unit: 'ms',
  });
  const counted = outcomeOf === undefined ? outcomeIn(path, call) : outcomeOf(call);
  if (!isClassification(counted)) {
    const allowed = `a function that gives ${CLASSIFICATION}`;
    throw new InvalidOptionError({ option: 'outcomeOf', value: counted, allowed });
  }
  return { beginsAt, endsAt: beginsAt + durationMs, counted };
};

const outcomeIn = (path: string, { outcome, status }: TraceCall): Outcome => {
  if (outcome !== undefined || status === undefined) {
    const outcomes = ['success', 'failure', 'ignored'] as const;
    return readChoice(`${path}.outcome`, outcome as Outcome, outcomes);
  }
  const range = { min: 100, max: 599, integer: true };
  const answer = readNumber(`${path}.status`, status, undefined, range);
  return isTrouble(answer) ? 'failure' : 'success';
};
