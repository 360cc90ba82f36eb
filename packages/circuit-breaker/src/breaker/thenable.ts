import { InvalidOptionError } from '../errors.js';

export const isThenable = (value: unknown): value is PromiseLike<unknown> => {
  try {
    return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
  } catch {
    // A value that cannot be looked at; it is the caller's, as it is.
    return false;
  }
};

/** @throws InvalidOptionError for an operation that gave a promise where there must be none */
export const refusePromise = (value: PromiseLike<unknown>): never => {
  // Nobody will await it: the error below takes its place.
  Promise.resolve(value).catch(() => {});
  const allowed = 'a function that gives no promise (use execute)';
  throw new InvalidOptionError({ option: 'operation', value: undefined, allowed });
};
