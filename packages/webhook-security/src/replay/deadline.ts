import { WebhookSecurityError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/**
 * Settles as the store does, or rejects with STORE_TIMEOUT. A store that answers after that is
 * told to `late`, which may undo what it did.
 */
export function withStoreDeadline<T>(
  operation: () => Promise<T>,
  options: {
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly late?: (value: T) => void;
  },
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let over = false;
    const cancel = options.clock.setTimer(() => {
      over = true;
      const text = `the replay store gave no answer within ${options.timeoutMs} ms`;
      reject(new WebhookSecurityError('STORE_TIMEOUT', text));
    }, options.timeoutMs);
    // The outer call may throw before it returns a promise; an async wrapper makes that a rejection.
    (async () => operation())().then(
      (value) => {
        cancel();
        if (over) options.late?.(value);
        else resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
