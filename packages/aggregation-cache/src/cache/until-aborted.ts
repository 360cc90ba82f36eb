import { AggregationCacheError } from '../errors.js';

/** @throws ABORTED if the caller has given up */
export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw abortedBy(signal);
};

/** Ends as `promise` does, or with `ABORTED` as soon as the caller gives up. The work itself goes on. */
export const untilAborted = <T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> => {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(abortedBy(signal));
    if (signal.aborted) abort();
    const settled = onAbort(signal, abort);
    // Also after an abort: the failure of what nobody waits for is nobody's unhandled rejection.
    promise.then(resolve, reject).finally(settled);
  });
};

const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Listens once for all waits of a signal: Node warns of a leak where more than ten listen, and a request may well
 * have more reads than that. @returns a function that ends it
 */
const onAbort = (signal: AbortSignal, listener: () => void): (() => void) => {
  const all = listeners.get(signal) ?? new Set();
  if (all.size === 0) {
    listeners.set(signal, all);
    signal.addEventListener('abort', tellAll);
  }
  all.add(listener);
  return () => {
    if (all.delete(listener) && all.size === 0) signal.removeEventListener('abort', tellAll);
  };
};

function tellAll(this: AbortSignal): void {
  for (const listener of listeners.get(this) ?? []) listener();
}

/**
 * What `items` yields, or `ABORTED` as soon as the caller gives up, also between two of them. It is told that nobody
 * wants more, and what it has under way ends behind the caller's back.
 */
export async function* eachUntilAborted<T>(
  items: AsyncGenerator<T, void, void>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, void> {
  try {
    for (;;) {
      throwIfAborted(signal);
      const next = await untilAborted(items.next(), signal);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    const left = items.return();
    if (signal?.aborted) left.catch(() => {});
    else await left;
  }
}

const abortedBy = (signal: AbortSignal): AggregationCacheError<'ABORTED'> =>
  new AggregationCacheError(
    'ABORTED',
    'The caller aborted the read.',
    {},
    { cause: signal.reason },
  );
