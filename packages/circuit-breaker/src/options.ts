import type { Classify } from './breaker/outcome.js';
import { InvalidOptionError } from './errors.js';
import type { OnListenerError } from './events/listener-failure.js';
import type { Clock } from './ports/clock.js';
import { systemClock } from './ports/system-clock.js';
import {
  type NumberRange,
  readChoice,
  readFunction,
  readNumber,
  readPort,
  refuseUnknown,
} from './validation.js';

/** Longest duration accepted anywhere: thirty days. Anything longer is a mistake in the unit. */
export const LONGEST_MS = 30 * 24 * 3600 * 1000;

/** Every default of a breaker, with the reason for its value. */
export const BREAKER_DEFAULTS = Object.freeze({
  /** Calls kept by a count window. Enough that one call is 1 %, few enough to forget within seconds of traffic. */
  windowSize: 100,
  /** Milliseconds covered by a time window. Long enough to gather calls, short enough to react to an outage. */
  windowDurationMs: 10_000,
  /** Parts of a time window. Ten make old calls leave in steps of a tenth of the window. */
  windowBuckets: 10,
  /** Share of failures that opens. Half: a healthy service never fails so often, a dead one always does. */
  failureRate: 0.5,
  /** Finished calls needed before the rate counts. Never 0: one failed call of one would be 100 %. */
  minimumCalls: 10,
  /** Milliseconds it stays open. Long enough for a restart or a failover on the other side. */
  openForMs: 30_000,
  /** Successful trial calls needed to close. More than one, so that a lucky answer does not bring back all load. */
  trials: 3,
  /** Trial calls at the same time. One: a service that just comes back is not met by a burst. */
  maxConcurrent: 1,
  /** Milliseconds trial calls may run before it opens again. Above the usual time limits of a single call. */
  maxTrialMs: 60_000,
} as const);

/** The values each option accepts. */
const RANGES = {
  size: { min: 1, max: 1_000_000, integer: true, unit: 'calls' },
  durationMs: { min: 10, max: LONGEST_MS, unit: 'ms' },
  buckets: { min: 1, max: 1000, integer: true },
  failureRate: { min: 0, above: true, max: 1 },
  minimumCalls: { min: 1, max: 1_000_000, integer: true, unit: 'calls' },
  openForMs: { min: 1, max: LONGEST_MS, unit: 'ms' },
  trials: { min: 1, max: 1000, integer: true, unit: 'calls' },
  maxDurationMs: { min: 1, max: LONGEST_MS, unit: 'ms' },
} satisfies Record<string, NumberRange>;

/** Which finished calls the failure rate looks at. */
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
    };

export interface HalfOpenOptions {
  /** Successful trial calls that close the breaker; a single failed one opens it again. 1 to 1,000; default 3. */
  readonly trials?: number | undefined;
  /** Trial calls at the same time; others are refused meanwhile. 1 to `trials`; default 1. */
  readonly maxConcurrent?: number | undefined;
  /** Milliseconds trial calls may run without a verdict; then it opens again. 1 to 30 days; default 60,000. */
  readonly maxDurationMs?: number | undefined;
}

/** Options of a breaker. Read once, copied and frozen. */
export interface CircuitBreakerOptions {
  /** Name in errors and events; not blank. */
  readonly name: string;
  /** Default: the last 100 calls. */
  readonly window?: WindowOptions | undefined;
  /** Share of failures among the counted calls that opens the breaker; above 0, to 1; default 0.5. */
  readonly failureRate?: number | undefined;
  /** Counted calls needed before the rate is looked at; 1 to the size of a count window; default 10 (or the size, if smaller). */
  readonly minimumCalls?: number | undefined;
  /** Milliseconds it stays open before trial calls; 1 to 30 days; default 30,000. */
  readonly openForMs?: number | undefined;
  readonly halfOpen?: HalfOpenOptions | undefined;
  /** What a call's end counts as. Default: `defaultClassify`. */
  readonly classify?: Classify | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Told when a listener or `classify` throws or rejects. Default: a process warning. */
  readonly onListenerError?: OnListenerError | undefined;
}

export type ResolvedWindow =
  | { readonly kind: 'count'; readonly size: number }
  | { readonly kind: 'time'; readonly durationMs: number; readonly buckets: number };

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly name: string;
  readonly window: ResolvedWindow;
  readonly failureRate: number;
  readonly minimumCalls: number;
  readonly openForMs: number;
  readonly halfOpen: {
    readonly trials: number;
    readonly maxConcurrent: number;
    readonly maxDurationMs: number;
  };
  readonly classify: Classify | undefined;
  readonly clock: Clock;
  readonly onListenerError: OnListenerError | undefined;
}

const KNOWN: readonly (keyof CircuitBreakerOptions)[] = [
  'name',
  'window',
  'failureRate',
  'minimumCalls',
  'openForMs',
  'halfOpen',
  'classify',
  'clock',
  'onListenerError',
];

const resolveWindow = (window: WindowOptions = { kind: 'count' }): ResolvedWindow => {
  if (typeof window !== 'object' || window === null) refuseUnknown('window', window, []);
  readChoice('window.kind', window.kind, ['count', 'time']);
  if (window.kind === 'count') {
    refuseUnknown('window', window, ['kind', 'size']);
    const size = readNumber('window.size', window.size, BREAKER_DEFAULTS.windowSize, RANGES.size);
    return Object.freeze({ kind: 'count', size });
  }
  refuseUnknown('window', window, ['kind', 'durationMs', 'buckets']);
  const durationMs = readNumber(
    'window.durationMs',
    window.durationMs,
    BREAKER_DEFAULTS.windowDurationMs,
    RANGES.durationMs,
  );
  const buckets = readNumber(
    'window.buckets',
    window.buckets,
    BREAKER_DEFAULTS.windowBuckets,
    // A bucket below a millisecond is finer than timers are.
    { ...RANGES.buckets, max: Math.min(RANGES.buckets.max, Math.floor(durationMs)) },
  );
  return Object.freeze({ kind: 'time', durationMs, buckets });
};

const resolveHalfOpen = (halfOpen: HalfOpenOptions = {}): ResolvedOptions['halfOpen'] => {
  refuseUnknown('halfOpen', halfOpen, ['trials', 'maxConcurrent', 'maxDurationMs']);
  const trials = readNumber(
    'halfOpen.trials',
    halfOpen.trials,
    BREAKER_DEFAULTS.trials,
    RANGES.trials,
  );
  return Object.freeze({
    trials,
    maxConcurrent: readNumber(
      'halfOpen.maxConcurrent',
      halfOpen.maxConcurrent,
      BREAKER_DEFAULTS.maxConcurrent,
      { ...RANGES.trials, max: trials },
    ),
    maxDurationMs: readNumber(
      'halfOpen.maxDurationMs',
      halfOpen.maxDurationMs,
      BREAKER_DEFAULTS.maxTrialMs,
      RANGES.maxDurationMs,
    ),
  });
};

/** Copies, checks and freezes. @throws InvalidOptionError for an unknown or impossible option */
export const resolveOptions = (options: CircuitBreakerOptions): ResolvedOptions => {
  refuseUnknown('', options, KNOWN);
  const { name } = options;
  if (typeof name !== 'string' || name.trim() === '') {
    throw new InvalidOptionError({
      option: 'name',
      value: name,
      allowed: 'a text, not blank',
      isWord: true,
    });
  }
  const window = resolveWindow(options.window);
  // Above the size of a count window the breaker could never open.
  const most = window.kind === 'count' ? window.size : RANGES.minimumCalls.max;
  return Object.freeze({
    name,
    window,
    failureRate: readNumber(
      'failureRate',
      options.failureRate,
      BREAKER_DEFAULTS.failureRate,
      RANGES.failureRate,
    ),
    minimumCalls: readNumber(
      'minimumCalls',
      options.minimumCalls,
      Math.min(BREAKER_DEFAULTS.minimumCalls, most),
      { ...RANGES.minimumCalls, max: most },
    ),
    openForMs: readNumber(
      'openForMs',
      options.openForMs,
      BREAKER_DEFAULTS.openForMs,
      RANGES.openForMs,
    ),
    halfOpen: resolveHalfOpen(options.halfOpen),
    classify: readFunction('classify', options.classify),
    clock: readPort('clock', options.clock, systemClock, ['now', 'wallTime', 'setTimer']),
    onListenerError: readFunction('onListenerError', options.onListenerError),
  });
};
