import { EventEmitter } from 'eventemitter3';
import { AUDIENCE, isSteady, steady } from './audience.js';
import { callGuarded, reportFailure } from './guard.js';
import { GuardedSink } from './guarded-sink.js';
import type { OnListenerError } from './listener-failure.js';

/** What a listener is given: the event's payload. What it returns is ignored, but a rejection is reported. */
export type Listener<Payload> = (payload: Payload) => unknown;

/** Takes events that come from elsewhere. */
export interface EventSink<Events> {
  /** Whether someone would hear `event`; asked before each event, so it should be quick. */
  hears(event: keyof Events & string): boolean;
  emit<E extends keyof Events & string>(event: E, payload: Events[E]): void;
}

export interface GuardedEmitterOptions<Events> {
  /** Told when a listener throws or rejects. Default: a process warning. */
  readonly onListenerError?: OnListenerError | undefined;
  /** Gets every event too, after the listeners here. Default: none. */
  readonly publishTo?: EventSink<Events> | undefined;
}

/** More events in a row, all emitted by listeners, are no news but a circle. */
const LONGEST_CHAIN = 1000;

interface Waiting {
  readonly event: string;
  readonly deliver: () => void;
}

interface Registration {
  (payload: unknown): void;
  listener: unknown;
  isOver: boolean;
}

/**
 * Typed events whose listeners cannot harm: one that throws or rejects is reported, stops no other
 * listener and never reaches the emitter. Who listens at the moment of `emit` is called, whatever
 * listeners add or remove meanwhile.
 */
export class GuardedEmitter<Events> {
  readonly #emitter = new EventEmitter<string>();
  readonly #onListenerError: OnListenerError | undefined;
  #sinks: readonly EventSink<Events>[];
  readonly #waiting: Waiting[] = [];
  #delivering = false;
  /** Listeners there are. */
  #registered = 0;
  /** Events that nobody heard when `AUDIENCE` was so: nobody hears them until it changes. */
  #unheard: Set<string> | undefined;
  #unheardAt = -1;

  constructor(options: GuardedEmitterOptions<Events> = {}) {
    this.#onListenerError = options.onListenerError;
    this.#sinks = options.publishTo === undefined ? [] : [this.#guarded(options.publishTo)];
  }

  /**
   * Calls `listener` at every `event` from now on.
   * @returns a function that ends this one subscription
   */
  on<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): () => void {
    return this.#add(event, listener, false);
  }

  /**
   * Calls `listener` at the next `event` only.
   * @returns a function that ends this one subscription
   */
  once<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): () => void {
    return this.#add(event, listener, true);
  }

  /** Ends every subscription of `listener` to `event`. */
  off<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): void {
    for (const registration of this.#emitter.listeners(event)) {
      if ((registration as Registration).listener === listener) {
        this.#end(event, registration as Registration);
      }
    }
  }

  /**
   * Gives every event to `sink` too, after the listeners here, as long as it says that someone hears it.
   * @returns a function that ends this
   */
  connect(sink: EventSink<Events>): () => void {
    // A copy of its own, so that a sink that is connected twice is taken off once.
    const guarded = new GuardedSink(sink, this.#onListenerError);
    this.#sinks = [...this.#sinks, guarded];
    AUDIENCE.changes += 1;
    return () => {
      this.#sinks = this.#sinks.filter((other) => other !== guarded);
    };
  }

  /**
   * Calls all listeners in the order they came. Never throws. What a listener itself emits here
   * is delivered after the event at hand, so that every listener hears all events in one order. At
   * most 1,000 such events follow on one; the rest is dropped and reported, for listeners that
   * answer events with the same events would otherwise never come to an end.
   */
  emit<E extends keyof Events & string>(event: E, payload: Events[E]): void {
    if (!this.hears(event)) return;
    if (this.#delivering) {
      this.#waiting.push({ event, deliver: () => this.#deliver(event, payload) });
      return;
    }
    this.#delivering = true;
    try {
      this.#deliver(event, payload);
      this.#deliverWaiting();
    } finally {
      this.#waiting.length = 0;
      this.#delivering = false;
    }
  }

  /** How many listeners here would hear `event`. */
  listenerCount(event: keyof Events & string): number {
    return this.#emitter.listenerCount(event);
  }

  /** Whether someone would hear `event`, here or where events go too; ask before building a payload that costs something. */
  hears(event: keyof Events & string): boolean {
    // Most emitters have nobody, and may be asked at each call of a breaker.
    if (this.#registered === 0 && this.#sinks.length === 0) return false;
    if (this.#unheardAt === AUDIENCE.changes && this.#unheard?.has(event)) return false;
    return this.#isHeard(event);
  }

  /** @internal */
  get [steady](): boolean {
    return this.#sinks.every(isSteady);
  }

  #isHeard(event: keyof Events & string): boolean {
    const now = AUDIENCE.changes;
    if (this.#emitter.listenerCount(event) > 0) return true;
    const sinks = this.#sinks;
    for (let place = 0; place < sinks.length; place += 1) {
      if (sinks[place]?.hears(event)) return true;
    }
    if (this.#unheard === undefined || this.#unheardAt !== now) {
      this.#unheard = new Set();
      this.#unheardAt = now;
    }
    if (this[steady]) this.#unheard.add(event);
    return false;
  }

  #deliverWaiting(): void {
    let next = this.#waiting.shift();
    for (let delivered = 0; next !== undefined; delivered += 1) {
      if (delivered === LONGEST_CHAIN) {
        const error = new RangeError(
          `Listeners emitted ${LONGEST_CHAIN} events in a row; the rest is dropped.`,
        );
        reportFailure(this.#onListenerError, { kind: 'listener', name: next.event, error });
        return;
      }
      next.deliver();
      next = this.#waiting.shift();
    }
  }

  #deliver<E extends keyof Events & string>(event: E, payload: Events[E]): void {
    this.#emitter.emit(event, payload);
    for (const sink of this.#sinks) if (sink.hears(event)) sink.emit(event, payload);
  }

  /** One that can neither throw nor is somebody else's stays as it is. */
  #guarded(sink: EventSink<Events>): EventSink<Events> {
    const isSafe = sink instanceof GuardedEmitter || sink instanceof GuardedSink;
    return isSafe ? sink : new GuardedSink(sink, this.#onListenerError);
  }

  #add<E extends keyof Events & string>(
    event: E,
    listener: Listener<Events[E]>,
    once: boolean,
  ): () => void {
    if (typeof listener !== 'function') {
      throw new TypeError(`A listener of '${event}' must be a function; it is ${typeof listener}.`);
    }
    const registration = ((payload: Events[E]) => {
      if (once) this.#end(event, registration);
      callGuarded(
        () => listener(payload),
        { kind: 'listener', name: event },
        this.#onListenerError,
      );
    }) as Registration;
    registration.listener = listener;
    registration.isOver = false;
    this.#emitter.on(event, registration);
    this.#registered += 1;
    AUDIENCE.changes += 1;
    return () => this.#end(event, registration);
  }

  #end(event: string, registration: Registration): void {
    if (registration.isOver) return;
    registration.isOver = true;
    this.#registered -= 1;
    this.#emitter.off(event, registration);
  }
}
