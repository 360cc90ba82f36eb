/**
 * What a fallback may be: it gets the arguments of the call and then the error. Written as a method, so
 * that it may take the error as whatever it knows it to be.
 */
export type CircuitFallback<TI extends unknown[], F> =
  | { answer(...args: [...TI, error: unknown]): F | PromiseLike<F> }['answer']
  | { fire(...args: unknown[]): Promise<F> };
