export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** A promise that a test settles by hand. */
export const deferred = <T = unknown>(): Deferred<T> => {
  let settle!: Pick<Deferred<T>, 'resolve' | 'reject'>;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
};

/** Lets promises settle. */
export const flush = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
