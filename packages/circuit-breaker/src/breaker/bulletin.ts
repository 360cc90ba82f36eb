import type { RejectionReason } from '../errors.js';
import { isSteady } from '../events/audience.js';
import { type EventSink, GuardedEmitter, type Listener } from '../events/guarded-emitter.js';
import { GuardedSink } from '../events/guarded-sink.js';
import type { OnListenerError } from '../events/listener-failure.js';
import type { CircuitBreakerEvents } from './events.js';
import type { Outcome } from './outcome.js';
import type { Transition } from './transition.js';

type Name = keyof CircuitBreakerEvents;

const EVENT_OF = { success: 'succeeded', failure: 'failed', ignored: 'ignored' } as const;

/** Says when someone begins to listen, for there may be something to tell them in time. */
class BreakerEmitter extends GuardedEmitter<CircuitBreakerEvents> {
  readonly #onListening: () => void;

  constructor(
    onListening: () => void,
    options: ConstructorParameters<typeof GuardedEmitter<CircuitBreakerEvents>>[0],
  ) {
    super(options);
    this.#onListening = onListening;
  }

  override on<E extends Name>(event: E, listener: Listener<CircuitBreakerEvents[E]>): () => void {
    return this.#begun(super.on(event, listener));
  }

  override once<E extends Name>(event: E, listener: Listener<CircuitBreakerEvents[E]>): () => void {
    return this.#begun(super.once(event, listener));
  }

  override connect(sink: EventSink<CircuitBreakerEvents>): () => void {
    return this.#begun(super.connect(sink));
  }

  #begun(end: () => void): () => void {
    this.#onListening();
    return end;
  }
}

/** Tells the world what a breaker does. Costs next to nothing while nobody listens. */
export class Bulletin {
  /** Name of the breaker. */
  readonly breaker: string;
  readonly #onListenerError: OnListenerError | undefined;
  /** Where every event goes too. */
  readonly #publishTo: EventSink<CircuitBreakerEvents> | undefined;
  #emitter: GuardedEmitter<CircuitBreakerEvents> | undefined = undefined;

  constructor(
    breaker: string,
    onListenerError: OnListenerError | undefined,
    publishTo: EventSink<CircuitBreakerEvents> | undefined,
  ) {
    this.breaker = breaker;
    this.#onListenerError = onListenerError;
    this.#publishTo =
      publishTo === undefined || publishTo instanceof GuardedEmitter
        ? publishTo
        : new GuardedSink(publishTo, onListenerError);
  }

  /**
   * Made when someone first wants to listen.
   * @param onListening called each time someone does
   */
  emitterFor(onListening: () => void): GuardedEmitter<CircuitBreakerEvents> {
    const onListenerError = this.#onListenerError;
    const publishTo = this.#publishTo;
    this.#emitter ??= new BreakerEmitter(onListening, { onListenerError, publishTo });
    return this.#emitter;
  }

  /** Whether nobody can be listening: made no emitter and publishes to none. */
  get isSilent(): boolean {
    return this.#emitter === undefined && this.#publishTo === undefined;
  }

  /** Whether `hears` answers as it does now until `AUDIENCE` changes. */
  get isSteady(): boolean {
    const listened = this.#emitter ?? this.#publishTo;
    return listened === undefined || isSteady(listened);
  }

  hears(event: Name): boolean {
    const listened = this.#emitter ?? this.#publishTo;
    return listened?.hears(event) ?? false;
  }

  tell<E extends Name>(event: E, facts: Omit<CircuitBreakerEvents[E], 'breaker'>): void {
    if (!this.hears(event)) return;
    const payload = { breaker: this.breaker, ...facts } as unknown as CircuitBreakerEvents[E];
    (this.#emitter ?? this.#publishTo)?.emit(event, payload);
  }

  rejected(reason: RejectionReason, retryAfterMs: () => number): void {
    if (this.hears('rejected')) this.tell('rejected', { reason, retryAfterMs: retryAfterMs() });
  }

  ended(outcome: Outcome, durationMs: number | undefined, error: unknown): void {
    const event = EVENT_OF[outcome];
    if (!this.hears(event)) return;
    if (event === 'succeeded') this.tell(event, { durationMs });
    else this.tell(event, { durationMs, error });
  }

  transitions(made: readonly Transition[]): void {
    for (const transition of made) this.#transition(transition);
  }

  #transition(made: Transition): void {
    const { from } = made;
    switch (made.to) {
      case 'open':
      case 'wouldOpen': {
        const { reason, retryAfterMs, window } = made;
        const event = made.to === 'open' ? 'opened' : 'wouldOpen';
        this.tell(event, { from, reason, retryAfterMs, ...window });
        break;
      }
      case 'halfOpen':
        this.tell('halfOpened', { from });
        break;
      case 'rampUp':
        this.tell('rampUpStarted', { from });
        break;
      case 'closed':
        this.tell('closed', { from, reason: made.reason });
    }
  }
}
