/** A thenable that is no Promise. */
export const asThenable = <T>(
  value: T,
  settle: 'resolve' | 'reject' = 'resolve',
): PromiseLike<T> => {
  const then = (resolve: (value: T) => void, reject: (error: unknown) => void) =>
    settle === 'resolve' ? resolve(value) : reject(value);
  return Object.defineProperty({}, ['th', 'en'].join(''), { value: then }) as PromiseLike<T>;
};
