import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { CircuitBreakerEvents } from '../breaker/events.js';
import { inner } from '../breaker/inner.js';
import type { EventSink } from '../events/guarded-emitter.js';
import type { ResolvedOptions } from '../settings/resolve-options.js';
import { Outlet } from './outlet.js';

/** A breaker in a registry. */
export class Entry {
  readonly name: string;
  readonly options: ResolvedOptions;
  readonly outlet: Outlet;
  #breaker: CircuitBreaker | undefined;
  #weakly: WeakRef<CircuitBreaker> | undefined;

  constructor(options: ResolvedOptions, target: EventSink<CircuitBreakerEvents>) {
    this.name = options.name;
    this.options = options;
    this.outlet = new Outlet(target);
  }

  /** Undefined once it was collected. */
  get breaker(): CircuitBreaker | undefined {
    return this.#breaker ?? this.#weakly?.deref();
  }

  hold(breaker: CircuitBreaker): void {
    this.#breaker = breaker;
  }

  /** Keeps the breaker only as long as someone else does, or as long as it has something to remember. */
  holdWeakly(breaker: CircuitBreaker): void {
    this.#weakly = new WeakRef(breaker);
    this.outlet.watch({
      events: ['opened', 'held', 'closed', 'released'],
      told: () => {
        this.pin();
      },
    });
  }

  /** Looks whether the breaker must be kept. */
  pin(): void {
    const breaker = this.breaker;
    this.#breaker = breaker !== undefined && isNeeded(breaker) ? breaker : undefined;
  }
}

/** To forget an open or held breaker would let calls through that nobody meant to. */
const isNeeded = (breaker: CircuitBreaker): boolean =>
  !breaker.isShutDown &&
  (breaker.state === 'open' || breaker.holds.length > 0 || breaker[inner].inFlight > 0);
