import { type BackoffOptions, createBackoff } from '../backoff/backoff.js';
import { InvalidOptionError } from '../errors.js';
import {
  BREAKER_DEFAULTS,
  type ResolvedWindow,
  type Settings,
  type WindowOptions,
} from '../options.js';
import type { Clock } from '../ports/clock.js';
import { systemClock } from '../ports/system-clock.js';
import { systemRandom } from '../ports/system-random.js';
import {
  LONGEST_MS,
  type NumberRange,
  readChoice,
  readFlag,
  readFunction,
  readNumber,
  readPort,
  refuseOther,
  refuseUnknown,
} from '../validation.js';

/** The values each option accepts. */
const RANGES = {
  size: { min: 1, max: 1_000_000, integer: true, unit: 'calls' },
  windowMs: { min: 10, max: LONGEST_MS, unit: 'ms' },
  buckets: { min: 1, max: 1000, integer: true },
  rate: { min: 0, above: true, max: 1 },
  minimumCalls: { min: 1, max: 1_000_000, integer: true, unit: 'calls' },
  ms: { min: 0, above: true, max: LONGEST_MS, unit: 'ms' },
  openForMs: { min: 1, max: LONGEST_MS, unit: 'ms' },
  trials: { min: 1, max: 1000, integer: true, unit: 'calls' },
  waiting: { min: 0, max: 100_000, integer: true, unit: 'calls' },
} satisfies Record<string, NumberRange>;

/** What an option may be, and what it is if left out. `read` are the options beside it that were read before. */
type Reader = (
  path: string,
  value: unknown,
  read: Partial<Settings> & { readonly durationMs?: number; readonly trials?: number },
) => unknown;

const number =
  (fallback: number | undefined, range: NumberRange): Reader =>
  (path, value) =>
    readNumber(path, value as number | undefined, fallback, range);

const flag: Reader = (path, value) => readFlag(path, value as boolean | undefined, false);
const callback: Reader = (path, value) => readFunction(path, value);

/** A group of options, read one by one. @throws InvalidOptionError for an unknown one */
const group =
  (readers: Readonly<Record<string, Reader>>): Reader =>
  (path, value = {}) => {
    refuseUnknown(path, value as object, Object.keys(readers));
    return readAll(`${path}.`, value as object, readers);
  };

export const readAll = (
  prefix: string,
  given: object,
  readers: Readonly<Record<string, Reader>>,
): object => {
  const read: Record<string, unknown> = {};
  for (const [name, reader] of Object.entries(readers)) {
    read[name] = reader(prefix + name, (given as Record<string, unknown>)[name], read);
  }
  return Object.freeze(read);
};

/** As `reader`, or false, which is also the default. */
const orFalse =
  (reader: Reader): Reader =>
  (path, value = false, settings) =>
    value === false ? false : reader(path, value, settings);

const choice =
  (...choices: readonly string[]): Reader =>
  (path, value = choices[0]) =>
    readChoice(path, value as string, choices);

const KINDS: Readonly<Record<ResolvedWindow['kind'], Readonly<Record<string, Reader>>>> = {
  count: { size: number(BREAKER_DEFAULTS.windowSize, RANGES.size) },
  time: {
    durationMs: number(BREAKER_DEFAULTS.windowDurationMs, RANGES.windowMs),
    buckets: (path, value, { durationMs }) =>
      // A bucket below a millisecond is finer than timers are.
      readNumber(path, value as number | undefined, BREAKER_DEFAULTS.windowBuckets, {
        ...RANGES.buckets,
        max: Math.min(RANGES.buckets.max, Math.floor(durationMs as number)),
      }),
  },
  ewma: { halfLifeMs: number(BREAKER_DEFAULTS.halfLifeMs, RANGES.windowMs) },
  consecutive: {},
};

const readWindow: Reader = (path, value = { kind: 'count' }) => {
  refuseOther(path, value);
  const { kind } = value as WindowOptions;
  readChoice(`${path}.kind`, kind, Object.keys(KINDS) as ResolvedWindow['kind'][]);
  return group({ kind: () => kind, ...KINDS[kind] })(path, value, {});
};

const readOpenWait: Reader = (path, value = BREAKER_DEFAULTS.openForMs) => {
  if (typeof value === 'function') return value;
  if (typeof value !== 'object')
    return readNumber(path, value as number, undefined, RANGES.openForMs);
  createBackoff(path, value as BackoffOptions, systemRandom);
  return Object.freeze({ ...value });
};

/** As `reader`, but false, whatever its own default, where the window knows no rates. */
const ofRates =
  (reader: Reader): Reader =>
  (path, value, read) => {
    if (read.window?.kind !== 'consecutive') return reader(path, value, read);
    if (value === undefined || value === false) return false;
    const allowed = "false, for a window of kind 'consecutive' knows no rates";
    throw new InvalidOptionError({ option: path, value, allowed });
  };

const mostCalls = (window: ResolvedWindow | undefined): number =>
  // Above the size of a count window the breaker could never open.
  window?.kind === 'count' ? window.size : RANGES.minimumCalls.max;

export const READERS: Readonly<Record<keyof Settings, Reader>> = {
  mode: choice('enforcing', 'shadow', 'disabled'),
  window: readWindow,
  failureRate: ofRates((path, value = BREAKER_DEFAULTS.failureRate) =>
    value === false ? false : readNumber(path, value as number, undefined, RANGES.rate),
  ),
  minimumCalls: (path, value, { window }) => {
    const max = mostCalls(window);
    const fallback = Math.min(BREAKER_DEFAULTS.minimumCalls, max);
    return readNumber(path, value as number | undefined, fallback, { ...RANGES.minimumCalls, max });
  },
  consecutiveFailures: (path, value, { window }) => {
    const fallback = window?.kind === 'consecutive' && BREAKER_DEFAULTS.consecutiveFailures;
    const asked = value === undefined ? fallback : value;
    return asked === false
      ? false
      : readNumber(path, asked as number, undefined, RANGES.minimumCalls);
  },
  slowCalls: ofRates(
    orFalse(
      group({
        thresholdMs: number(undefined, RANGES.ms),
        rate: number(BREAKER_DEFAULTS.slowRate, RANGES.rate),
      }),
    ),
  ),
  latency: flag,
  classify: callback,
  openForMs: readOpenWait,
  halfOpen: group({
    trials: number(BREAKER_DEFAULTS.trials, RANGES.trials),
    successRate: number(BREAKER_DEFAULTS.successRate, RANGES.rate),
    maxConcurrent: (path, value, { trials }) =>
      readNumber(path, value as number | undefined, BREAKER_DEFAULTS.maxConcurrent, {
        ...RANGES.trials,
        max: trials as number,
      }),
    maxDurationMs: number(BREAKER_DEFAULTS.maxTrialMs, RANGES.openForMs),
    maxWaiting: number(BREAKER_DEFAULTS.maxWaiting, RANGES.waiting),
    maxWaitMs: number(BREAKER_DEFAULTS.maxWaitMs, RANGES.ms),
  }),
  rampUp: orFalse(
    group({
      initialShare: number(BREAKER_DEFAULTS.initialShare, RANGES.rate),
      durationMs: number(BREAKER_DEFAULTS.rampUpMs, RANGES.ms),
    }),
  ),
  sharedRejection: flag,
  clock: (path, value) =>
    readPort(path, value as Clock | undefined, systemClock, ['now', 'wallTime', 'setTimer']),
  random: (path, value) => readFunction(path, value) ?? systemRandom,
  onListenerError: callback,
};
