import type { Clock } from '@nestcms/circuit-breaker';

/** Ends as `promise` does, or with `late()` after so long. The work itself goes on. */
export const withinMs = <T>(
  promise: Promise<T>,
  limitMs: number,
  clock: Clock,
  late: () => Error,
): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const cancel = clock.setTimer(() => reject(late()), limitMs);
    // Also when it was late: the failure of what nobody waits for is nobody's unhandled rejection.
    promise.then(resolve, reject).finally(cancel);
  });
