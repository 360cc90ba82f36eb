import type { AbortedError } from '../errors.js';
import type { Call } from './call.js';
import type { Layer, Sink } from './layer.js';
import { CallerScope, ENDLESS } from './scope.js';
import { abortedBy, watchSignal } from './watch-signal.js';

/** Settles the promise of a caller that brought a signal: once that is aborted the call is given up. */
class CallerSink implements Sink {
  readonly #call: Call;
  readonly #stopWatching: () => void;
  readonly scope: CallerScope;
  #isOver = false;

  constructor(call: Call, signal: AbortSignal) {
    this.#call = call;
    this.scope = new CallerScope(signal);
    this.#stopWatching = watchSignal(signal, (error) => this.#abort(error));
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopWatching();
    this.#call.settled(failed, value);
  }

  #abort(error: AbortedError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.scope.abort(error);
    this.#call.settled(true, error);
  }
}

/** Sends `call` through `layer` and gives the promise of how it ends. */
export const runCall = <T>(layer: Layer, call: Call): Promise<T> => {
  const { signal } = call.options;
  if (signal === undefined) {
    const promise = call.promise<T>();
    layer.run(call, ENDLESS, call);
    return promise;
  }
  let sink: CallerSink;
  try {
    if (signal.aborted) throw abortedBy(signal);
    sink = new CallerSink(call, signal);
  } catch (error) {
    // Aborted already, or a signal that cannot be asked or listened to.
    return Promise.reject(error);
  }
  const promise = call.promise<T>();
  layer.run(call, sink.scope, sink);
  return promise;
};
