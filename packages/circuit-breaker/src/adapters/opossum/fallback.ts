/** What a fallback may be: it gets the arguments of the call and then the error. */
export type CircuitFallback<TI extends unknown[], F> =
  | ((...args: [...TI, error: unknown]) => F | PromiseLike<F>)
  | { fire(...args: unknown[]): Promise<F> };
