import { AbortedError } from '../errors.js';
import { reportFailure } from '../events/guard.js';

/**
 * Ends as `begin()` does, or with `ABORTED` as soon as `signal` is aborted; then `onAbort` is called
 * and what `begin()` still brings is dropped. The signal keeps no listener afterwards.
 */
export const untilAborted = <T>(
  signal: AbortSignal | undefined,
  begin: () => Promise<T>,
  onAbort: () => void = () => {},
): Promise<T> => {
  if (signal === undefined) return begin();
  return new Promise((resolve, reject) => {
    const abort = () => {
      onAbort();
      reject(new AbortedError({ reason: signal.reason }));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    try {
      signal.addEventListener('abort', abort, { once: true });
    } catch (error) {
      onAbort();
      reject(error);
      return;
    }
    const release = () => {
      try {
        signal.removeEventListener('abort', abort);
      } catch (error) {
        // A signal of the user's own making. The caller must not be lost for it.
        reportFailure(undefined, { kind: 'callback', name: 'signal', error });
      }
    };
    begin().then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
};
