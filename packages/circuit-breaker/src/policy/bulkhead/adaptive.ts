import type { Classify } from '../../breaker/outcome.js';
import { InvalidOptionError } from '../../errors.js';
import { readFunction, readNumber, refuseUnknown } from '../../validation.js';

/** Defaults of a limit that finds itself, with the reason for each. */
export const ADAPTIVE_DEFAULTS = Object.freeze({
  /** Calls at once in the beginning. Enough for most, and little enough not to hurt what is weak. */
  initial: 20,
  /** Never fewer. One: something must run, or nothing would ever show that it works again. */
  min: 1,
  /** Never more. A ceiling for a side whose answers do not get slower before it breaks. */
  max: 200,
  /** How many times the usual latency is too slow. Two: twice the time is a queue, less is noise. */
  latencyTolerance: 2,
  /** Share of failed calls that is normal. A tenth: single errors are no sign of load. */
  failureTolerance: 0.1,
} as const);

/** How a bulkhead finds its own limit. */
export interface AdaptiveOptions {
  /** Calls at once in the beginning; `min` to `max`; default 20, or what is nearest to it. */
  readonly initial?: number | undefined;
  /** Never fewer; 1 to 100,000; default 1. */
  readonly min?: number | undefined;
  /** Never more; `min` to 100,000; default 200. */
  readonly max?: number | undefined;
  /** How many times the usual latency is too slow; above 1, to 100; default 2. */
  readonly latencyTolerance?: number | undefined;
  /** Share of failed calls above which the limit falls; 0 to 1; default 0.1. */
  readonly failureTolerance?: number | undefined;
  /**
   * What a call's end counts as. Default: `defaultClassify`, as in a breaker: a caller who gave up, or a
   * policy further in that let nothing through, is ignored. It also takes the place of one that throws.
   */
  readonly classify?: Classify | undefined;
}

/** The same, filled in and checked. */
export interface AdaptiveConcurrency {
  readonly kind: 'adaptive';
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  readonly latencyTolerance: number;
  readonly failureTolerance: number;
  readonly classify: Classify | undefined;
}

const OPTIONS = [
  'initial',
  'min',
  'max',
  'latencyTolerance',
  'failureTolerance',
  'classify',
] as const;

/** @throws InvalidOptionError for an unknown or impossible option; `path` stands before its name */
export const readAdaptive = (path: string, options: AdaptiveOptions): AdaptiveConcurrency => {
  refuseUnknown(path.slice(0, -1), options, ['kind', ...OPTIONS]);
  const defaults = ADAPTIVE_DEFAULTS;
  const calls = { max: 100_000, integer: true, unit: 'calls' };
  const min = readNumber(`${path}min`, options.min, defaults.min, { ...calls, min: 1 });
  const max = readNumber(`${path}max`, options.max, Math.max(min, defaults.max), { ...calls, min });
  const initial = Math.min(max, Math.max(min, defaults.initial));
  return Object.freeze({
    kind: 'adaptive',
    min,
    max,
    initial: readNumber(`${path}initial`, options.initial, initial, { ...calls, min, max }),
    latencyTolerance: readNumber(
      `${path}latencyTolerance`,
      options.latencyTolerance,
      defaults.latencyTolerance,
      { min: 1, above: true, max: 100 },
    ),
    failureTolerance: readNumber(
      `${path}failureTolerance`,
      options.failureTolerance,
      defaults.failureTolerance,
      { min: 0, max: 1 },
    ),
    classify: readFunction(`${path}classify`, options.classify),
  });
};

/**
 * A limit that a bulkhead finds by itself, for `maxConcurrent`. It grows while it is in use and all is
 * well, and falls when too many calls fail or take much longer than usual.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const adaptive = (options: AdaptiveOptions = {}): AdaptiveConcurrency =>
  readAdaptive('', options);

const CALLS = { min: 1, max: 100_000, integer: true, unit: 'calls' } as const;

/** @throws InvalidOptionError for what is neither a number of calls nor made by `adaptive` */
export const readConcurrency = (
  value: number | AdaptiveConcurrency,
): number | AdaptiveConcurrency => {
  if (typeof value === 'number') return readNumber('maxConcurrent', value, undefined, CALLS);
  if (typeof value !== 'object' || value === null || value.kind !== 'adaptive') {
    const allowed = 'a whole number from 1 to 100000 (calls), or made by adaptive()';
    throw new InvalidOptionError({ option: 'maxConcurrent', value, allowed });
  }
  return readAdaptive('maxConcurrent.', value);
};
