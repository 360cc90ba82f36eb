import { AbortedError, InvalidOptionError } from './errors.js';

/** What an operation is given. */
export interface OperationContext {
  /** Aborted when the result is no longer wanted. Made when it is first read. */
  readonly signal: AbortSignal;
}

/** A signal that costs nothing until someone reads it. */
export class LazyAbort implements OperationContext {
  #controller: AbortController | undefined;
  #aborted: { reason: unknown } | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}

/** The caller's own signal, or one that is never aborted. */
export const contextFor = (signal: AbortSignal | undefined): OperationContext =>
  signal === undefined ? new LazyAbort() : { signal };

/** @throws InvalidOptionError if `signal` is given and is no signal */
export const checkSignal = (signal: AbortSignal | undefined): void => {
  if (signal === undefined) return;
  if (
    typeof signal !== 'object' ||
    signal === null ||
    typeof signal.addEventListener !== 'function'
  ) {
    throw new InvalidOptionError({ option: 'signal', value: signal, allowed: 'an AbortSignal' });
  }
};

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

/**
 * Ends as `begin()` does, or with `ABORTED` as soon as `signal` is aborted; then `onAbort` is called
 * and what `begin()` still brings is dropped. The signal keeps no listener afterwards.
 */
export const untilAborted = <T>(
  signal: AbortSignal | undefined,
  begin: () => Promise<T>,
  onAbort: () => void = () => {},
): Promise<T> => {
  if (signal === undefined) return begin();
  return new Promise((resolve, reject) => {
    const abort = () => {
      onAbort();
      reject(new AbortedError({ reason: signal.reason }));
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    const release = () => signal.removeEventListener('abort', abort);
    begin().then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
};
