/** Calls `operation`; what it throws becomes a rejection. */
export const start = <C, T>(
  operation: (context: C) => T | PromiseLike<T>,
  context: C,
): Promise<T> => {
  try {
    return Promise.resolve(operation(context));
  } catch (error) {
    return Promise.reject(error);
  }
};
