import { type BackoffOptions, createBackoff } from './backoff/backoff.js';
import type { Classify } from './breaker/outcome.js';
import { InvalidOptionError } from './errors.js';
import type { OnListenerError } from './events/listener-failure.js';
import type { Clock } from './ports/clock.js';
import type { Random } from './ports/random.js';
import { systemClock } from './ports/system-clock.js';
import { systemRandom } from './ports/system-random.js';
import {
  LONGEST_MS,
  type NumberRange,
  readChoice,
  readFlag,
  readFunction,
  readNumber,
  readPort,
  readText,
  refuseOther,
  refuseUnknown,
} from './validation.js';

/** Every default of a breaker, with the reason for its value. */
export const BREAKER_DEFAULTS = Object.freeze({
  /** Calls kept by a count window. Enough that one call is 1 %, few enough to forget within seconds of traffic. */
  windowSize: 100,
  /** Milliseconds covered by a time window. Long enough to gather calls, short enough to react to an outage. */
  windowDurationMs: 10_000,
  /** Parts of a time window. Ten make old calls leave in steps of a tenth of the window. */
  windowBuckets: 10,
  /** Milliseconds after which a call counts half in a fading window. As long as the time window. */
  halfLifeMs: 10_000,
  /** Share of failures that opens. Half: a healthy service never fails so often, a dead one always does. */
  failureRate: 0.5,
  /** Finished calls needed before a rate counts. Never 0: one failed call of one would be 100 %. */
  minimumCalls: 10,
  /** Failures in a row that open, where only runs are looked at. Five: chance alone hardly makes them. */
  consecutiveFailures: 5,
  /** Share of slow calls that opens. High: a slow answer is still an answer. */
  slowRate: 0.8,
  /** Milliseconds it stays open. Long enough for a restart or a failover on the other side. */
  openForMs: 30_000,
  /** Trial calls on which half-open is decided. More than one, so that a lucky answer does not bring back all load. */
  trials: 3,
  /** Share of the trials that must succeed. All: a side that still fails is not well. */
  successRate: 1,
  /** Trial calls at the same time. One: a service that just comes back is not met by a burst. */
  maxConcurrent: 1,
  /** Milliseconds trial calls may run before it opens again. Above the usual time limits of a single call. */
  maxTrialMs: 60_000,
  /** Callers that wait for a trial's place. None: to refuse at once is what a breaker is for. */
  maxWaiting: 0,
  /** Milliseconds a caller waits for a trial's place. Below what a person notices as a hang. */
  maxWaitMs: 1000,
  /** Share of the calls let through at the start of a ramp-up. */
  initialShare: 0.1,
  /** Milliseconds in which a ramp-up comes from nothing to all calls. Caches and pools fill meanwhile. */
  rampUpMs: 30_000,
} as const);

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

/** `shadow` counts and tells `wouldOpen` instead of opening; `disabled` lets all through and counts nothing. */
export type BreakerMode = 'enforcing' | 'shadow' | 'disabled';

/** Which finished calls the rates look at. */
export type WindowOptions =
  | {
      /** The last `size` calls, however old. */
      readonly kind: 'count';
      /** Calls; 1 to 1,000,000; default 100. */
      readonly size?: number | undefined;
    }
  | {
      /** The calls of the last `durationMs`, to the width of one bucket. */
      readonly kind: 'time';
      /** Milliseconds; 10 to 30 days; default 10,000. */
      readonly durationMs?: number | undefined;
      /** Parts the duration is cut into; 1 to 1,000, each at least 1 ms; default 10. */
      readonly buckets?: number | undefined;
    }
  | {
      /** All calls, each fading by half in every `halfLifeMs`. */
      readonly kind: 'ewma';
      /** Milliseconds; 10 to 30 days; default 10,000. */
      readonly halfLifeMs?: number | undefined;
    }
  | {
      /** No rate, only the run of failures: see `consecutiveFailures`. The rules about rates are off. */
      readonly kind: 'consecutive';
    };

/** The rule about calls that take long. */
export interface SlowCallOptions {
  /** Milliseconds from which a call is slow, also while it is still running; above 0, to 30 days. */
  readonly thresholdMs: number;
  /** Share of slow calls that opens; above 0, to 1; default 0.8. */
  readonly rate?: number | undefined;
}

export interface HalfOpenOptions {
  /** Trial calls on which it is decided; 1 to 1,000; default 3. */
  readonly trials?: number | undefined;
  /** Share of the trials that must succeed to close; above 0, to 1; default 1: all in a row. */
  readonly successRate?: number | undefined;
  /** Trial calls at the same time; others are refused, or wait. 1 to `trials`; default 1. */
  readonly maxConcurrent?: number | undefined;
  /** Milliseconds trial calls may run without a verdict; then it opens again. 1 to 30 days; default 60,000. */
  readonly maxDurationMs?: number | undefined;
  /** Callers that may wait for a trial's place; 0 to 100,000; default 0: they are refused. */
  readonly maxWaiting?: number | undefined;
  /** Milliseconds such a caller waits at most; above 0, to 30 days; default 1,000. */
  readonly maxWaitMs?: number | undefined;
}

/** Gradual recovery: after its trials the breaker lets a share of the calls through, which grows. */
export interface RampUpOptions {
  /** Share at the start, and the least after failures; above 0, to 1; default 0.1. */
  readonly initialShare?: number | undefined;
  /** Milliseconds in which the share grows from 0 to 1 without failures; above 0, to 30 days; default 30,000. */
  readonly durationMs?: number | undefined;
}

/** How long to stay open the `attempt`th time since it was last closed (from 1), in ms. */
export type OpenWait = (opening: { readonly attempt: number }) => number;

/** Options of a breaker that can be changed while it runs. */
export interface ChangeableOptions {
  /** Default `enforcing`. */
  readonly mode?: BreakerMode | undefined;
  /** Default: the last 100 calls. */
  readonly window?: WindowOptions | undefined;
  /** Share of failures that opens; above 0, to 1, or false for no such rule; default 0.5. */
  readonly failureRate?: number | false | undefined;
  /** Counted calls needed before a rate is looked at; 1 to the size of a count window; default 10 (or the size, if smaller). */
  readonly minimumCalls?: number | undefined;
  /** Failures in a row that open; 1 to 1,000,000, or false; default false (5 with a window of kind `consecutive`). */
  readonly consecutiveFailures?: number | false | undefined;
  /** The rule about slow calls, or false; default false. It times each call. */
  readonly slowCalls?: SlowCallOptions | false | undefined;
  /** Keeps a histogram of how long calls take, for `stats().latency`. It times each call. Default false. */
  readonly latency?: boolean | undefined;
  /** What a call's end counts as. Default: `defaultClassify`. */
  readonly classify?: Classify | undefined;
  /** How long it stays open before trial calls: milliseconds (1 to 30 days), a backoff, or a function; default 30,000. */
  readonly openForMs?: number | BackoffOptions | OpenWait | undefined;
  readonly halfOpen?: HalfOpenOptions | undefined;
  /** Default false: all calls are let through after the trials. */
  readonly rampUp?: RampUpOptions | false | undefined;
  /**
   * While open, `execute` gives every caller one and the same rejected promise. Far cheaper, but one
   * that nobody awaits is not reported as an unhandled rejection. Default false.
   */
  readonly sharedRejection?: boolean | undefined;
}

/** Options of a breaker. Read once, copied and frozen. */
export interface CircuitBreakerOptions extends ChangeableOptions {
  /** Name in errors and events; not blank. */
  readonly name: string;
  /** What it belongs to, for holding many breakers at once. Default: none. */
  readonly tags?: readonly string[] | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** For the jitter of `openForMs`. Default: `Math.random`. */
  readonly random?: Random | undefined;
  /** Told when a listener, `classify` or `openForMs` throws or rejects. Default: a process warning. */
  readonly onListenerError?: OnListenerError | undefined;
}

export type ResolvedWindow =
  | { readonly kind: 'count'; readonly size: number }
  | { readonly kind: 'time'; readonly durationMs: number; readonly buckets: number }
  | { readonly kind: 'ewma'; readonly halfLifeMs: number }
  | { readonly kind: 'consecutive' };

/** Options with every default filled in; all but the name and the tags, so that many breakers share one. */
export interface Settings {
  readonly mode: BreakerMode;
  readonly window: ResolvedWindow;
  readonly failureRate: number | false;
  readonly minimumCalls: number;
  readonly consecutiveFailures: number | false;
  readonly slowCalls: { readonly [K in keyof SlowCallOptions]-?: number } | false;
  readonly latency: boolean;
  readonly classify: Classify | undefined;
  readonly openForMs: number | BackoffOptions | OpenWait;
  readonly halfOpen: { readonly [K in keyof HalfOpenOptions]-?: number };
  readonly rampUp: { readonly [K in keyof RampUpOptions]-?: number } | false;
  readonly sharedRejection: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly onListenerError: OnListenerError | undefined;
}

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
    return readAll(path === '' ? '' : `${path}.`, value as object, readers);
  };

const readAll = (
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

const READERS: Readonly<Record<keyof Settings, Reader>> = {
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

const NAMED = ['name', 'tags'];
const FIXED = ['clock', 'random', 'onListenerError'];
const CHANGEABLE = Object.keys(READERS).filter((name) => !FIXED.includes(name));

const NO_TAGS: readonly string[] = Object.freeze([]);

export interface ResolvedOptions {
  readonly name: string;
  readonly tags: readonly string[];
  readonly settings: Settings;
}

/**
 * Options read last, and what came of them: breakers made one after the other mostly differ in their names
 * alone. They then share their settings, and need not have them read again.
 */
let last: { readonly given: CircuitBreakerOptions; readonly settings: Settings } | undefined;

const SETTINGS = Object.keys(READERS) as (keyof Settings)[];
const KNOWN = new Set([...NAMED, ...SETTINGS]);

/** Copies, checks and freezes. @throws InvalidOptionError for an unknown or impossible option */
export const resolveOptions = (options: CircuitBreakerOptions): ResolvedOptions => {
  refuseUnknown('', options, KNOWN);
  const name = readText('name', options.name);
  const tags = readTags(options.tags);
  if (last === undefined || !isSame(last.given, options)) {
    const settings = readAll('', options, READERS) as Settings;
    const known = last?.settings;
    const isKnown = known !== undefined && differenceOf(known, settings) === undefined;
    last = { given: { ...options }, settings: isKnown ? known : settings };
  }
  return { name, tags, settings: last.settings };
};

/** Groups of options may have been changed since, so they never are. */
const isSame = (one: CircuitBreakerOptions, other: CircuitBreakerOptions): boolean => {
  for (const name of SETTINGS) {
    const value = other[name];
    if (value !== one[name]) return false;
    if (typeof value === 'object' && name !== 'clock') return false;
  }
  return true;
};

/** `settings` with `changes`; groups of options are changed one by one. @throws InvalidOptionError */
export const changeSettings = (settings: Settings, changes: ChangeableOptions): Settings => {
  refuseUnknown('', changes, CHANGEABLE);
  const merged: Record<string, unknown> = { ...settings };
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined) merged[name] = mergeGroup(merged[name], value);
  }
  if (knowsRuns(merged.window) !== knowsRuns(settings.window)) {
    // Its rules are not those of the others: what was not asked for is the default again.
    merged.failureRate = changes.failureRate;
    merged.slowCalls = changes.slowCalls;
    merged.consecutiveFailures = changes.consecutiveFailures;
  }
  return readAll('', merged, READERS) as Settings;
};

const isGroup = (value: unknown): value is { readonly kind?: string } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const knowsRuns = (window: unknown): boolean => isGroup(window) && window.kind === 'consecutive';

/** A group of another kind takes the place of the old one as a whole. What is no group is left to be refused. */
const mergeGroup = (old: unknown, value: unknown): unknown => {
  if (!isGroup(old) || !isGroup(value)) return value;
  if (value.kind !== undefined && value.kind !== old.kind) return value;
  const given = Object.entries(value).filter(([, part]) => part !== undefined);
  return { ...old, ...Object.fromEntries(given) };
};

const readTags = (tags: readonly string[] | undefined): readonly string[] => {
  if (tags === undefined) return NO_TAGS;
  if (!Array.isArray(tags)) {
    throw new InvalidOptionError({ option: 'tags', value: tags, allowed: 'a list of texts' });
  }
  return Object.freeze(tags.map((tag, place) => readText(`tags[${place}]`, tag)));
};

/** Path of the first setting in which the two differ. Functions are compared as objects. */
export const differenceOf = (one: object, other: object): string | undefined => {
  const left = one as Record<string, unknown>;
  const right = other as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const [a, b] = [left[key], right[key]];
    if (Object.is(a, b)) continue;
    if (key === 'clock' || typeof a !== 'object' || typeof b !== 'object') return key;
    const inner = differenceOf(a ?? {}, b ?? {});
    if (inner !== undefined) return `${key}.${inner}`;
  }
  return undefined;
};
