import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { CircuitBreakerEvents } from '../breaker/events.js';
import { InvalidOptionError, inWords } from '../errors.js';
import { GuardedEmitter } from '../events/guarded-emitter.js';
import type { OnListenerError } from '../events/listener-failure.js';
import {
  type CircuitBreakerOptions,
  differenceOf,
  type ResolvedOptions,
  resolveOptions,
} from '../options.js';
import type { Clock } from '../ports/clock.js';
import { systemClock } from '../ports/system-clock.js';
import { readFunction, readPort, refuseUnknown } from '../validation.js';

export interface CircuitBreakerRegistryOptions {
  /** For breakers that bring none. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** For the registry's own listeners, and for breakers that bring none. Default: a process warning. */
  readonly onListenerError?: OnListenerError | undefined;
}

interface Entry {
  readonly breaker: CircuitBreaker;
  readonly options: ResolvedOptions;
}

/** Breakers by name, and the events of all of them in one place. */
export class CircuitBreakerRegistry {
  /** Every event of every breaker; `breaker` in the payload is its name. */
  readonly events: GuardedEmitter<CircuitBreakerEvents>;
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #onListenerError: OnListenerError | undefined;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: CircuitBreakerRegistryOptions = {}) {
    refuseUnknown('', options, ['clock', 'onListenerError']);
    this.#clock = readPort('clock', options.clock, systemClock, ['now', 'wallTime', 'setTimer']);
    this.#onListenerError = readFunction('onListenerError', options.onListenerError);
    this.events = new GuardedEmitter({ onListenerError: this.#onListenerError });
  }

  /**
   * The breaker of that name, made on the first call.
   * @throws InvalidOptionError for an unknown or impossible option, and if the name is taken by a
   * breaker with other options: one of the two callers would silently get rules it did not ask for.
   * Functions are the same if they are the same object, so keep `classify` in a constant.
   */
  getOrCreate(options: CircuitBreakerOptions): CircuitBreaker {
    if (typeof options !== 'object' || options === null) refuseUnknown('', options, []);
    const own = {
      ...options,
      clock: options.clock ?? this.#clock,
      onListenerError: options.onListenerError ?? this.#onListenerError,
    };
    const resolved = resolveOptions(own);
    const known = this.#entries.get(resolved.name);
    if (known) {
      refuseDifference(resolved.name, known.options, resolved);
      return known.breaker;
    }
    const breaker = new CircuitBreaker(own, { publishTo: this.events });
    this.#entries.set(resolved.name, { breaker, options: resolved });
    return breaker;
  }

  get(name: string): CircuitBreaker | undefined {
    return this.#entries.get(name)?.breaker;
  }

  /** All breakers, oldest first. */
  list(): readonly CircuitBreaker[] {
    return Array.from(this.#entries.values(), ({ breaker }) => breaker);
  }
}

const refuseDifference = (name: string, known: ResolvedOptions, asked: ResolvedOptions): void => {
  const option = differenceOf(
    { tags: known.tags, ...known.settings },
    { tags: asked.tags, ...asked.settings },
  );
  if (option === undefined) return;
  const valueIn = ({ tags, settings }: ResolvedOptions): unknown =>
    option
      .split('.')
      .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], {
        tags,
        ...settings,
      });
  const allowed = `what breaker '${name}' was made with (${inWords(valueIn(known), true)})`;
  throw new InvalidOptionError({ option, value: valueIn(asked), allowed, isWord: true });
};
