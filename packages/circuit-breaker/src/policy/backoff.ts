import { LONGEST_MS } from '../options.js';
import type { Random } from '../ports/random.js';
import { readChoice, readNumber, refuseUnknown } from '../validation.js';

/** Defaults of the waits between attempts, with the reason for each. */
export const BACKOFF_DEFAULTS = Object.freeze({
  /** Milliseconds before the second attempt. Long enough for a dropped connection or a busy lock to clear. */
  initialMs: 100,
  /** Growth from wait to wait. Doubling makes load fall off fast. */
  factor: 2,
  /** Longest wait in milliseconds. Above it a person or a caller's time limit has given up. */
  maxMs: 10_000,
  /** Full: callers that failed together do not come back together. */
  jitter: 'full',
} as const);

/** How long to wait between attempts. */
export type BackoffOptions =
  | {
      /** The same wait each time. */
      readonly kind: 'constant';
      /** Milliseconds; 0 to 30 days; default 100. */
      readonly delayMs?: number | undefined;
      /** `full`: a random time up to the wait; `none`: the wait itself. Default `full`. */
      readonly jitter?: 'full' | 'none' | undefined;
    }
  | {
      /** `initialMs × factor^n`, at most `maxMs`. */
      readonly kind: 'exponential';
      /** Milliseconds; 0 to 30 days; default 100. */
      readonly initialMs?: number | undefined;
      /** 1 to 100; default 2. */
      readonly factor?: number | undefined;
      /** Milliseconds; 0 to 30 days; default 10,000. */
      readonly maxMs?: number | undefined;
      /** `full`: a random time up to the wait; `none`: the wait itself. Default `full`. */
      readonly jitter?: 'full' | 'none' | undefined;
    };

/** Milliseconds to wait after the `attempt`th failed attempt (from 1). */
export type Backoff = (attempt: number) => number;

const MS = { min: 0, max: LONGEST_MS, unit: 'ms' } as const;

/** @throws InvalidOptionError for an unknown or impossible option */
export const createBackoff = (
  options: BackoffOptions = { kind: 'exponential' },
  random: Random,
): Backoff => {
  if (typeof options !== 'object' || options === null) refuseUnknown('backoff', options, []);
  readChoice('backoff.kind', options.kind, ['constant', 'exponential']);
  const jitter = options.jitter ?? BACKOFF_DEFAULTS.jitter;
  readChoice('backoff.jitter', jitter, ['full', 'none']);
  const wait = options.kind === 'constant' ? constant(options) : exponential(options);
  return jitter === 'none' ? wait : (attempt) => wait(attempt) * share(random());
};

const constant = (options: Extract<BackoffOptions, { kind: 'constant' }>): Backoff => {
  refuseUnknown('backoff', options, ['kind', 'delayMs', 'jitter']);
  const delayMs = readNumber('backoff.delayMs', options.delayMs, BACKOFF_DEFAULTS.initialMs, MS);
  return () => delayMs;
};

const exponential = (options: Extract<BackoffOptions, { kind: 'exponential' }>): Backoff => {
  refuseUnknown('backoff', options, ['kind', 'initialMs', 'factor', 'maxMs', 'jitter']);
  const initialMs = readNumber(
    'backoff.initialMs',
    options.initialMs,
    BACKOFF_DEFAULTS.initialMs,
    MS,
  );
  const factor = readNumber('backoff.factor', options.factor, BACKOFF_DEFAULTS.factor, {
    min: 1,
    max: 100,
  });
  const maxMs = readNumber('backoff.maxMs', options.maxMs, BACKOFF_DEFAULTS.maxMs, MS);
  // The power may be infinite, and 0 × infinity is no number: a first wait of 0 stays 0.
  return (attempt) => (initialMs === 0 ? 0 : Math.min(maxMs, initialMs * factor ** (attempt - 1)));
};

/** A share of 0 to 1, whatever a foreign source of randomness returns. */
const share = (random: number): number => (random >= 0 && random <= 1 ? random : 1);
