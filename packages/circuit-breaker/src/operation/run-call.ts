import { AbortedError } from '../errors.js';
import { reportFailure } from '../events/guard.js';
import type { Call } from './call.js';
import type { Layer, Sink } from './layer.js';
import { CallerScope, ENDLESS } from './scope.js';

/** Settles the promise of a caller that brought a signal: once that is aborted the call is given up. */
class CallerSink implements Sink {
  readonly #call: Call;
  readonly #signal: AbortSignal;
  readonly scope: CallerScope;
  #isOver = false;

  constructor(call: Call, signal: AbortSignal) {
    this.#call = call;
    this.#signal = signal;
    this.scope = new CallerScope(signal);
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      this.#signal.removeEventListener('abort', this.#abort);
    } catch (error) {
      // A signal of the user's own making. The caller must not be lost for it.
      reportFailure(undefined, { kind: 'callback', name: 'signal', error });
    }
    this.#call.settled(failed, value);
  }

  readonly #abort = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    const error = new AbortedError({ reason: this.#signal.reason });
    this.scope.abort(error);
    this.#call.settled(true, error);
  };
}

/** Sends `call` through `layer` and gives the promise of how it ends. */
export const runCall = <T>(layer: Layer, call: Call): Promise<T> => {
  const { signal } = call.options;
  if (signal === undefined) {
    const promise = call.promise<T>();
    layer.run(call, ENDLESS, call);
    return promise;
  }
  if (signal.aborted) return Promise.reject(new AbortedError({ reason: signal.reason }));
  let sink: CallerSink;
  try {
    sink = new CallerSink(call, signal);
  } catch (error) {
    // A signal that cannot be listened to.
    return Promise.reject(error);
  }
  const promise = call.promise<T>();
  layer.run(call, sink.scope, sink);
  return promise;
};
