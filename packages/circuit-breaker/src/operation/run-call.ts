import { AbortedError } from '../errors.js';
import type { Call } from './call.js';
import type { Layer, Sink } from './layer.js';
import { type Abandonable, CallerScope, ENDLESS } from './scope.js';

type Resolve = (value: unknown) => void;
type Reject = (error: unknown) => void;

/** Settles the promise that the caller was given. */
class PromiseSink implements Sink {
  readonly #resolve: Resolve;
  readonly #reject: Reject;

  constructor(resolve: Resolve, reject: Reject) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  settled(failed: boolean, value: unknown): void {
    if (failed) this.#reject(value);
    else this.#resolve(value);
  }
}

/** The same, for a caller that brought a signal: once it is aborted the call is given up. */
class CallerSink implements Sink {
  readonly #inner: Sink;
  readonly #signal: AbortSignal;
  readonly scope: CallerScope;
  #isOver = false;

  constructor(inner: Sink, signal: AbortSignal) {
    this.#inner = inner;
    this.#signal = signal;
    this.scope = new CallerScope(signal);
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#signal.removeEventListener('abort', this.#abort);
    this.#inner.settled(failed, value);
  }

  readonly #abort = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    const error = new AbortedError({ reason: this.#signal.reason });
    this.scope.abort(error);
    this.#inner.settled(true, error);
  };
}

/** Sends `call` through `layer` and gives the promise of how it ends. */
export const runCall = <T>(layer: Layer, call: Call): Promise<T> => {
  const { signal } = call.options;
  if (signal?.aborted) return Promise.reject(new AbortedError({ reason: signal.reason }));
  return new Promise<T>((resolve, reject) => {
    const sink = new PromiseSink(resolve as Resolve, reject);
    if (signal === undefined) {
      layer.run(call, ENDLESS, sink);
      return;
    }
    // A signal that cannot be listened to rejects the promise before anything is called.
    const callerSink = new CallerSink(sink, signal);
    layer.run(call, callerSink.scope, callerSink);
  });
};
