/** Not the one that user code may have put on its promise: that might call both handlers, or one of them twice. */
// oxlint-disable-next-line typescript/unbound-method
const { then } = Promise.prototype;

/**
 * `running.then`, by the language's own `then`. That throws where `running` has a `constructor` that cannot
 * be read: then it has ended with that.
 */
export const whenEnded = <T, R>(
  running: Promise<T>,
  fulfilled: (value: T) => R,
  rejected: (error: unknown) => R,
): Promise<R> => {
  try {
    return then.call(running, fulfilled, rejected) as Promise<R>;
  } catch (error) {
    return then.call(Promise.reject(error), fulfilled, rejected) as Promise<R>;
  }
};
