/** A thenable that is no Promise. */
export const asThenable = <T>(value: T, settle: 'resolve' | 'reject' = 'resolve'): PromiseLike<T> =>
  // oxlint-disable-next-line unicorn/no-thenable -- being one is what it is for
  Object.fromEntries([
    [
      'then',
      (resolve: (value: T) => void, reject: (error: unknown) => void) =>
        settle === 'resolve' ? resolve(value) : reject(value),
    ],
  ]) as never;
