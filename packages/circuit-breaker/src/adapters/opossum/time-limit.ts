import { systemClock } from '../../ports/system-clock.js';

/** How an action ended, or that its time did. */
export type Ending =
  | { readonly status: 'fulfilled'; readonly value: unknown }
  | { readonly status: 'rejected'; readonly error: unknown }
  | { readonly status: 'timedOut'; readonly timeoutMs: number };

/**
 * How `running` ends, or that `timeoutMs` (false or 0 for no limit) are over. Never rejects. What
 * follows belongs into a `then` of it, which runs in the caller's async context whoever settled it.
 */
export const withTimeLimit = (
  running: Promise<unknown>,
  timeoutMs: number | false,
): Promise<Ending> => {
  if (timeoutMs === false || timeoutMs === 0) return running.then(fulfilled, rejected);
  return new Promise((resolve) => {
    const cancel = systemClock.setTimer(
      () => resolve({ status: 'timedOut', timeoutMs }),
      timeoutMs,
    );
    const ended = (ending: Ending) => {
      cancel();
      resolve(ending);
    };
    running.then(
      (value) => ended(fulfilled(value)),
      (error) => ended(rejected(error)),
    );
  });
};

const fulfilled = (value: unknown): Ending => ({ status: 'fulfilled', value });

const rejected = (error: unknown): Ending => ({ status: 'rejected', error });
