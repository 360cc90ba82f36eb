import { askGuarded } from '../events/guard.js';
import type { OnListenerError } from '../events/listener-failure.js';
import type { Random } from '../ports/random.js';
import { LONGEST_MS, readChoice, readNumber, refuseOther, refuseUnknown } from '../validation.js';

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

/**
 * How a wait is spread. `full`: anywhere from 0 to the wait. `equal`: from half of it to all of it.
 * `none`: the wait itself.
 */
export type Jitter = 'full' | 'equal' | 'none';

/** How long to wait, the longer the more often it went wrong. */
export type BackoffOptions =
  | {
      /** The same wait each time. */
      readonly kind: 'constant';
      /** Milliseconds; 0 to 30 days; default 100. */
      readonly delayMs?: number | undefined;
      readonly jitter?: Jitter | undefined;
    }
  | {
      /** `initialMs + (n - 1) × stepMs`, at most `maxMs`. */
      readonly kind: 'linear';
      /** Milliseconds; 0 to 30 days; default 100. */
      readonly initialMs?: number | undefined;
      /** Milliseconds; 0 to 30 days; default `initialMs`. */
      readonly stepMs?: number | undefined;
      /** Milliseconds; 0 to 30 days; default 10,000. */
      readonly maxMs?: number | undefined;
      readonly jitter?: Jitter | undefined;
    }
  | {
      /** `initialMs × factor^(n - 1)`, at most `maxMs`. */
      readonly kind: 'exponential';
      /** Milliseconds; 0 to 30 days; default 100. */
      readonly initialMs?: number | undefined;
      /** 1 to 100; default 2. */
      readonly factor?: number | undefined;
      /** Milliseconds; 0 to 30 days; default 10,000. */
      readonly maxMs?: number | undefined;
      readonly jitter?: Jitter | undefined;
    }
  | {
      /** Anywhere from `initialMs` to three times the wait before, at most `maxMs`; its jitter is its own. */
      readonly kind: 'decorrelated';
      /** Milliseconds; 0 to 30 days; default 100. */
      readonly initialMs?: number | undefined;
      /** Milliseconds; 0 to 30 days; default 10,000. */
      readonly maxMs?: number | undefined;
    };

/** What a wait is computed from. */
export interface BackoffStep {
  /** 1 for the first wait. */
  readonly attempt: number;
  /** The wait before, in ms; undefined before the first. */
  readonly previousMs: number | undefined;
}

/** Milliseconds to wait. Holds no state, so one serves any number of calls at once. */
export type Backoff = (step: BackoffStep) => number;

/** A random number from 0 to 1, whatever the source does; a source that throws is reported. */
export const guardRandom =
  (random: Random, onListenerError: OnListenerError | undefined): Random =>
  () =>
    askGuarded(
      random,
      (share) => typeof share === 'number' && share >= 0 && share <= 1,
      { kind: 'callback', name: 'random', expected: 'a number from 0 to 1' },
      onListenerError,
    ) ?? 1;

const MS = { min: 0, max: LONGEST_MS, unit: 'ms' } as const;

const readMs = (path: string, options: object, name: string, fallback: number): number =>
  readNumber(
    `${path}.${name}`,
    (options as Record<string, number | undefined>)[name],
    fallback,
    MS,
  );

/**
 * @param path the option's name in messages
 * @param random must not throw and give 0 to 1: see `guardRandom`
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const createBackoff = (
  path: string,
  options: BackoffOptions,
  random: Random,
  defaultJitter: Jitter = BACKOFF_DEFAULTS.jitter,
): Backoff => {
  refuseOther(path, options);
  const { kind } = options;
  readChoice(`${path}.kind`, kind, ['constant', 'linear', 'exponential', 'decorrelated']);
  if (kind === 'decorrelated') return decorrelated(path, options, random);
  const { jitter = defaultJitter } = options;
  readChoice(`${path}.jitter`, jitter, ['full', 'equal', 'none']);
  const wait = PLAIN[kind](path, options);
  if (jitter === 'none') return ({ attempt }) => wait(attempt);
  if (jitter === 'full') return ({ attempt }) => wait(attempt) * random();
  return ({ attempt }) => (wait(attempt) * (1 + random())) / 2;
};

type PlainWait = (attempt: number) => number;

const PLAIN: Record<
  'constant' | 'linear' | 'exponential',
  (path: string, options: BackoffOptions) => PlainWait
> = {
  constant: (path, options) => {
    refuseUnknown(path, options, ['kind', 'delayMs', 'jitter']);
    const delayMs = readMs(path, options, 'delayMs', BACKOFF_DEFAULTS.initialMs);
    return () => delayMs;
  },
  linear: (path, options) => {
    refuseUnknown(path, options, ['kind', 'initialMs', 'stepMs', 'maxMs', 'jitter']);
    const initialMs = readMs(path, options, 'initialMs', BACKOFF_DEFAULTS.initialMs);
    const stepMs = readMs(path, options, 'stepMs', initialMs);
    const maxMs = readMs(path, options, 'maxMs', BACKOFF_DEFAULTS.maxMs);
    return (attempt) => Math.min(maxMs, initialMs + (attempt - 1) * stepMs);
  },
  exponential: (path, options) => {
    refuseUnknown(path, options, ['kind', 'initialMs', 'factor', 'maxMs', 'jitter']);
    const initialMs = readMs(path, options, 'initialMs', BACKOFF_DEFAULTS.initialMs);
    const { factor: asked } = options as { readonly factor?: number };
    const range = { min: 1, max: 100 };
    const factor = readNumber(`${path}.factor`, asked, BACKOFF_DEFAULTS.factor, range);
    const maxMs = readMs(path, options, 'maxMs', BACKOFF_DEFAULTS.maxMs);
    // The power may be infinite, and 0 × infinity is no number: a first wait of 0 stays 0.
    return (attempt) =>
      initialMs === 0 ? 0 : Math.min(maxMs, initialMs * factor ** (attempt - 1));
  },
};

const decorrelated = (path: string, options: BackoffOptions, random: Random): Backoff => {
  refuseUnknown(path, options, ['kind', 'initialMs', 'maxMs']);
  const initialMs = readMs(path, options, 'initialMs', BACKOFF_DEFAULTS.initialMs);
  const maxMs = readMs(path, options, 'maxMs', BACKOFF_DEFAULTS.maxMs);
  return ({ previousMs = initialMs }) =>
    Math.min(maxMs, initialMs + Math.max(0, 3 * previousMs - initialMs) * random());
};
