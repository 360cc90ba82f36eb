import type { BackoffOptions } from './backoff/backoff.js';
import type { Classify } from './breaker/outcome.js';
import type { OnListenerError } from './events/listener-failure.js';
import type { Clock } from './ports/clock.js';
import type { Random } from './ports/random.js';

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
  /** Jitter of an `openForMs` that is a backoff. Half of the wait is kept: to open for next to nothing would be no opening. */
  openJitter: 'equal',
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
  /** How long it stays open before trial calls: milliseconds (1 to 30 days), a backoff (its jitter is `equal` by default), or a function; default 30,000. */
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
