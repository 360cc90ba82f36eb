import type { WebhookSecurityError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

/**
 * Settles as `operation` does, or rejects with what `expired` makes. What comes after that is told
 * to `late`, which may undo it. A clock that sets no timer rejects; one whose timers cannot be
 * cancelled does no harm.
 */
export function withDeadline<T>(
  operation: () => PromiseLike<T>,
  options: {
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly expired: () => WebhookSecurityError;
    readonly late?: (value: T) => void;
  },
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isOver = false;
    const end = (settle: () => void) => {
      if (isOver) return;
      isOver = true;
      settle();
      cancelTimer(cancel);
    };
    let cancel: unknown;
    cancel = options.clock.setTimer(() => end(() => reject(options.expired())), options.timeoutMs);
    // The outer call may throw before it returns a promise; an async wrapper makes that a rejection.
    (async () => operation())().then(
      (value) => (isOver ? options.late?.(value) : end(() => resolve(value))),
      (error: unknown) => end(() => reject(error)),
    );
  });
}

function cancelTimer(cancel: unknown): void {
  if (typeof cancel !== 'function') return;
  try {
    cancel();
  } catch {
    // The result is there already, and the timer does nothing any more when it comes.
  }
}
