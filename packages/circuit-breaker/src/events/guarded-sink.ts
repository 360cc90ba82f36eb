import { isSteady, steady } from './audience.js';
import { callGuarded, reportFailure } from './guard.js';
import type { EventSink } from './guarded-emitter.js';
import type { OnListenerError } from './listener-failure.js';

/** A sink of somebody else's: what it throws or rejects with is reported, and changes nothing. */
export class GuardedSink<Events> implements EventSink<Events> {
  readonly #sink: EventSink<Events>;
  readonly #onListenerError: OnListenerError | undefined;

  constructor(sink: EventSink<Events>, onListenerError: OnListenerError | undefined) {
    this.#sink = sink;
    this.#onListenerError = onListenerError;
  }

  get [steady](): boolean {
    return isSteady(this.#sink);
  }

  hears(event: keyof Events & string): boolean {
    try {
      return this.#sink.hears(event);
    } catch (error) {
      reportFailure(this.#onListenerError, { kind: 'listener', name: event, error });
      return false;
    }
  }

  emit<E extends keyof Events & string>(event: E, payload: Events[E]): void {
    callGuarded(
      () => this.#sink.emit(event, payload),
      { kind: 'listener', name: event },
      this.#onListenerError,
    );
  }
}
