/** Not the one that user code may have put on its promise: that might call both handlers, or one of them twice. */
// oxlint-disable-next-line typescript/unbound-method
const { then } = Promise.prototype;

/** `running.then`, by the language's own `then`. */
export const whenEnded = <T, R>(
  running: Promise<T>,
  fulfilled: (value: T) => R,
  rejected: (error: unknown) => R,
): Promise<R> => then.call(running, fulfilled, rejected) as Promise<R>;
