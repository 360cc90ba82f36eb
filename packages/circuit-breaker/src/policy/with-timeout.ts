import { TimeoutError } from '../errors.js';
import { LazyAbort, type OperationContext } from '../operation/operation-context.js';
import { start } from '../operation/start.js';
import { startTimer } from '../operation/start-timer.js';
import { untilAborted } from '../operation/until-aborted.js';
import { LONGEST_MS } from '../options.js';
import type { Clock } from '../ports/clock.js';
import { systemClock } from '../ports/system-clock.js';
import { checkCall, readNumber, readPort, refuseUnknown } from '../validation.js';

export interface TimeoutOptions {
  /** Milliseconds; above 0 to 30 days; no default. */
  readonly timeoutMs: number;
  /** The caller's signal; no default. */
  readonly signal?: AbortSignal | undefined;
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}

const TIMEOUT_RANGE = { min: 0, above: true, max: LONGEST_MS, unit: 'ms' } as const;

/**
 * Ends as `operation` does, or with `TIMEOUT` after `timeoutMs`, or with `ABORTED` as soon as the
 * caller's signal is aborted. In both of the latter the signal given to the operation is aborted and
 * its result, should one still come, is dropped; an operation that does not heed its signal goes on
 * running. No timer is left behind. A clock that sets no timer rejects with what it threw, and the
 * operation is not called.
 *
 * Rejects with `INVALID_OPTION` for an unknown or impossible option.
 */
export const withTimeout = async <T>(
  operation: (context: OperationContext) => T | PromiseLike<T>,
  options: TimeoutOptions,
): Promise<T> => {
  refuseUnknown('', options, ['timeoutMs', 'signal', 'clock']);
  const { signal } = options;
  const timeoutMs = readNumber('timeoutMs', options.timeoutMs, undefined, TIMEOUT_RANGE);
  const clock = readPort('clock', options.clock, systemClock, ['now', 'wallTime', 'setTimer']);
  checkCall(operation, signal);

  const context = new LazyAbort();
  let cancelTimer = () => {};
  const limited = () =>
    new Promise<T>((resolve, reject) => {
      const expire = () => {
        const error = new TimeoutError({ timeoutMs });
        reject(error);
        context.abort(error);
      };
      cancelTimer = startTimer(clock, expire, timeoutMs);
      start(operation, context).then(resolve, reject);
    });
  try {
    return await untilAborted(signal, limited, () => {
      cancelTimer();
      context.abort(signal?.reason);
    });
  } finally {
    cancelTimer();
  }
};
