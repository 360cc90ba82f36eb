import { askGuarded } from '../events/guard.js';
import type { Call } from '../operation/call.js';
import type { Layer } from '../operation/layer.js';
import { POLICY_OPTIONS, Policy, type PolicyOptions } from '../operation/policy.js';
import { TimeoutLayer } from '../operation/timeout-layer.js';
import { LONGEST_MS, readNumber, refuseUnknown } from '../validation.js';

/** Defaults of a time limit, with the reason for each. */
export const TIMEOUT_DEFAULTS = Object.freeze({
  /** Milliseconds that hold where a `timeoutMs` function throws or gives no time: a call without a limit could hang for good. */
  fallbackMs: 10_000,
} as const);

export interface TimeoutPolicyOptions extends PolicyOptions {
  /** Milliseconds, or what gives them for each attempt; above 0, to 30 days. There is no default: only you know what is too long. */
  readonly timeoutMs: number | ((about: { readonly attempt: number }) => number);
}

export interface TimeoutEvents {
  /** A call was given up because its time was over. */
  timedOut: { readonly timeoutMs: number; readonly attempt: number };
}

const RANGE = { min: 0, above: true, max: LONGEST_MS, unit: 'ms' } as const;
const isLimit = (ms: unknown): boolean => typeof ms === 'number' && ms > 0 && ms <= LONGEST_MS;

/** A time limit around a call. Ends it with `TIMEOUT`, whether or not the operation heeds its signal. */
export class TimeoutPolicy extends Policy<never, false, TimeoutEvents> {
  readonly kind = 'timeout';
  readonly repeats = false;
  readonly runsLater = true;
  /** The limit in milliseconds, where it is fixed. */
  readonly timeoutMs: number | undefined;
  readonly #limit: number | ((call: Call) => number);

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: TimeoutPolicyOptions) {
    refuseUnknown('', options, ['timeoutMs', ...POLICY_OPTIONS]);
    super(options);
    const { timeoutMs } = options;
    if (typeof timeoutMs === 'function') {
      this.#limit = ({ attempt }) =>
        askGuarded(
          () => timeoutMs({ attempt }),
          isLimit,
          { kind: 'callback', name: 'timeoutMs', expected: 'milliseconds above 0' },
          this.onListenerError,
        ) ?? TIMEOUT_DEFAULTS.fallbackMs;
    } else {
      this.timeoutMs = readNumber('timeoutMs', timeoutMs, undefined, RANGE);
      this.#limit = this.timeoutMs;
    }
  }

  layer(next: Layer): Layer {
    return new TimeoutLayer({
      next,
      clock: this.clock,
      limit: this.#limit,
      onTimeout: ({ timeoutMs }, { attempt }) => this.emit('timedOut', { timeoutMs, attempt }),
    });
  }
}

/** A time limit: `timeout({ timeoutMs: 2000 })`. @throws InvalidOptionError for an impossible option */
export const timeout = (options: TimeoutPolicyOptions): TimeoutPolicy => new TimeoutPolicy(options);
