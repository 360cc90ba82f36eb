import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import { AggregationCacheError } from '../errors.js';
import type {
  Generation,
  RemoteListener,
  RemoteState,
  RemoteStore,
} from '../ports/remote-store.js';
import { later } from '../validity/causal-token.js';

interface Kept {
  readonly bytes: Uint8Array;
  readonly expiresAt: number;
}

/** What two or more stores share, in place of a server. For tests and for a process on its own. */
export class InMemoryRemote {
  readonly #clock: Clock;
  readonly #values = new Map<string, Kept>();
  readonly #generations = new Map<string, Generation>();
  readonly #listeners = new Set<RemoteListener>();
  #state: RemoteState = 'ready';
  /** True: invalidations happen, but nobody is told. */
  losesMessages = false;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  /** A store of its own, as another process would have. */
  connect(): RemoteStore {
    const own = new Set<() => void>();
    const ask = async <T>(operation: string, work: () => T): Promise<T> => {
      if (this.#state === 'ready') return work();
      throw new AggregationCacheError('REMOTE_FAILED', `'${operation}' failed: away.`, {
        operation,
        reason: 'away',
      });
    };
    const state = () => this.#state;
    return {
      get state() {
        return state();
      },
      look: (key, namespaces) =>
        ask('look', () => ({
          value: this.#value(key),
          generations: namespaces.map((name) => this.#generation(name)),
        })),
      generations: (namespaces) =>
        ask('generations', () => namespaces.map((name) => this.#generation(name))),
      store: ({ key, bytes, ttlMs, generations }) =>
        ask('store', () => {
          const stands = generations.every(
            ({ namespace, id }) => this.#generations.get(namespace)?.id === id,
          );
          if (!stands) return 'moved';
          this.#values.set(key, { bytes: bytes.slice(), expiresAt: this.#clock.now() + ttlMs });
          return 'stored';
        }),
      invalidate: (changes) =>
        ask('invalidate', () => {
          const moved = changes.map(({ namespace, after }) => {
            const known = this.#generations.get(namespace)?.after;
            const generation = { namespace, id: randomUUID(), after: later(known, after) };
            this.#generations.set(namespace, generation);
            return generation;
          });
          this.#tell((listener) => listener.moved(moved));
          return moved;
        }),
      remove: (key) =>
        ask('remove', () => {
          this.#values.delete(key);
        }),
      subscribe: (listener) => {
        const end = () => {
          this.#listeners.delete(listener);
          own.delete(end);
        };
        this.#listeners.add(listener);
        own.add(end);
        return end;
      },
      close: async () => {
        for (const end of own) end();
      },
    };
  }

  /** Takes it away from, or gives it back to, all stores. */
  setState(state: RemoteState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener.stateChanged(state);
  }

  /** Loses everything, as a restart without persistence does. */
  wipe(): void {
    this.#values.clear();
    this.#generations.clear();
  }

  /** Puts bytes under a key, whatever they are. */
  plant(key: string, bytes: Uint8Array, ttlMs: number): void {
    this.#values.set(key, { bytes, expiresAt: this.#clock.now() + ttlMs });
  }

  /** Keys with a value. */
  keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** The bytes kept under a key. */
  bytes(key: string): Uint8Array | undefined {
    return this.#values.get(key)?.bytes;
  }

  #value(key: string): { bytes: Uint8Array; remainingMs: number } | undefined {
    const kept = this.#values.get(key);
    if (kept === undefined) return undefined;
    const remainingMs = kept.expiresAt - this.#clock.now();
    if (remainingMs > 0) return { bytes: kept.bytes, remainingMs };
    this.#values.delete(key);
    return undefined;
  }

  #generation(namespace: string): Generation {
    const known = this.#generations.get(namespace);
    if (known !== undefined) return known;
    const fresh = { namespace, id: randomUUID(), after: undefined };
    this.#generations.set(namespace, fresh);
    return fresh;
  }

  #tell(message: (listener: RemoteListener) => void): void {
    if (this.losesMessages) return;
    for (const listener of this.#listeners) message(listener);
  }
}
