import { AbortedError } from '../errors.js';

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
    const release = () => signal.removeEventListener('abort', abort);
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
