import { abortedBy, watchSignal } from './watch-signal.js';

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
    let release: () => void;
    try {
      if (signal.aborted) throw abortedBy(signal);
      release = watchSignal(signal, (error) => {
        onAbort();
        reject(error);
      });
    } catch (error) {
      // Aborted already, or a signal that cannot be asked or listened to.
      onAbort();
      reject(error);
      return;
    }
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
