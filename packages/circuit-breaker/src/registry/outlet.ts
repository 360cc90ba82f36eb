import type { CircuitBreakerEvents } from '../breaker/events.js';
import { AUDIENCE, isSteady, steady } from '../events/audience.js';
import type { EventSink } from '../events/guarded-emitter.js';

type Name = keyof CircuitBreakerEvents;

/** A part of this package that goes by what a breaker tells: not one of the listeners, which anybody may take off. */
export interface Watcher {
  readonly events: readonly Name[];
  told(event: Name, breaker: string): void;
  /** The registry has given the breaker up. */
  removed?(breaker: string): void;
}

/** Takes a breaker's events to the emitter of its registry, until the registry gives the breaker up. */
export class Outlet implements EventSink<CircuitBreakerEvents> {
  #target: EventSink<CircuitBreakerEvents> | undefined;
  #watchers: readonly Watcher[] = [];

  constructor(target: EventSink<CircuitBreakerEvents>) {
    this.#target = target;
  }

  watch(watcher: Watcher): void {
    this.#watchers = [...this.#watchers, watcher];
    AUDIENCE.changes += 1;
  }

  /** Hands nothing on any more. */
  close(breaker: string): void {
    const watchers = this.#watchers;
    this.#target = undefined;
    this.#watchers = [];
    for (const watcher of watchers) watcher.removed?.(breaker);
  }

  get [steady](): boolean {
    return this.#target === undefined || isSteady(this.#target);
  }

  hears(event: Name): boolean {
    if (this.#target?.hears(event)) return true;
    return this.#watchers.some(({ events }) => events.includes(event));
  }

  emit<E extends Name>(event: E, payload: CircuitBreakerEvents[E]): void {
    // Watchers change states: what comes of that is told after this.
    this.#target?.emit(event, payload);
    for (const watcher of this.#watchers) {
      if (watcher.events.includes(event)) watcher.told(event, payload.breaker);
    }
  }
}
