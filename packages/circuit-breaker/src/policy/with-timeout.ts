import { Call } from '../operation/call.js';
import type { Layer } from '../operation/layer.js';
import type { Operation } from '../operation/operation.js';
import { OPERATION_LAYER } from '../operation/operation-layer.js';
import { runCall } from '../operation/run-call.js';
import { TimeoutLayer } from '../operation/timeout-layer.js';
import type { Clock } from '../ports/clock.js';
import { systemClock } from '../ports/system-clock.js';
import { checkCall, LONGEST_MS, readNumber, readPort, refuseUnknown } from '../validation.js';

export interface TimeoutOptions {
  /** Milliseconds; above 0, to 30 days. There is no default: only you know what is too long. */
  readonly timeoutMs: number;
  /** Ends it with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

const TIMEOUT_RANGE = { min: 0, above: true, max: LONGEST_MS, unit: 'ms' } as const;

const layers = new WeakMap<Clock, Layer>();

/** One layer a clock; the limit is the call's own. */
const layerOf = (clock: Clock): Layer => {
  let layer = layers.get(clock);
  if (layer === undefined) {
    const limit = (call: Call) => call.options.timeoutMs;
    layer = new TimeoutLayer({ next: OPERATION_LAYER, clock, limit });
    layers.set(clock, layer);
  }
  return layer;
};

/**
 * For a single call: ends as `operation` does, or with `TIMEOUT` after `timeoutMs`, or with `ABORTED` as
 * soon as the caller's signal is aborted. In both of the latter the signal given to the operation is
 * aborted and its result, should one still come, is dropped; an operation that does not heed its signal
 * goes on running. A clock that sets no timer rejects with what it threw, and the operation is not called.
 *
 * Rejects with `INVALID_OPTION` for an unknown or impossible option.
 */
export const withTimeout = <T>(operation: Operation<T>, options: TimeoutOptions): Promise<T> => {
  try {
    refuseUnknown('', options, ['timeoutMs', 'signal', 'clock']);
    const { signal } = options;
    const timeoutMs = readNumber('timeoutMs', options.timeoutMs, undefined, TIMEOUT_RANGE);
    const clock = readPort('clock', options.clock, systemClock, ['now', 'wallTime', 'setTimer']);
    checkCall(operation, signal);
    return runCall(layerOf(clock), new Call(operation, { timeoutMs, signal }, true));
  } catch (error) {
    return Promise.reject(error);
  }
};
