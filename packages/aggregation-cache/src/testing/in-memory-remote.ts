import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import { AggregationCacheError } from '../errors.js';
import type {
  Generation,
  Lease,
  LeaseAnswer,
  Position,
  RemoteChange,
  RemoteEntry,
  RemoteListener,
  RemoteState,
  RemoteStore,
  StoreOutcome,
} from '../ports/remote-store.js';
import { type CausalToken, later } from '../validity/causal-token.js';
import { EVERYTHING } from '../validity/dependencies.js';

interface Kept {
  readonly bytes: Uint8Array;
  readonly expiresAt: number;
}

interface HeldLease extends Lease {
  readonly expiresAt: number;
}

/** What two or more stores share, in place of a server. For tests and for a process on its own. */
export class InMemoryRemote {
  readonly #clock: Clock;
  readonly #values = new Map<string, Kept>();
  readonly #generations = new Map<string, Generation>();
  readonly #leases = new Map<string, HeldLease>();
  readonly #failures = new Map<string, Kept>();
  readonly #progress = new Map<string, Uint8Array>();
  readonly #listeners = new Set<RemoteListener>();
  #sequence = 0;
  #fence = 0;
  #newest: CausalToken | undefined;
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
      look: (key, dependencies) =>
        ask('look', () => ({
          value: this.#value(this.#values, key),
          generations: dependencies.map((name) => this.#generation(name)),
        })),
      generations: (dependencies) =>
        ask('generations', () => dependencies.map((name) => this.#generation(name))),
      position: () => ask('position', () => this.#position()),
      store: (entry) => ask('store', () => this.#store(entry)),
      invalidate: (changes) => ask('invalidate', () => this.#invalidate(changes)),
      remove: (key) =>
        ask('remove', () => {
          this.#values.delete(key);
        }),
      lease: ({ key, ttlMs }) => ask('lease', () => this.#lease(key, ttlMs)),
      renew: (lease, ttlMs) =>
        ask('renew', () => {
          const held = this.#holds(lease);
          if (held) this.#grant(lease, ttlMs);
          return held;
        }),
      release: (lease, failure) => ask('release', () => this.#release(lease, failure)),
      progress: (key) => ask('progress', () => this.#progress.get(key)),
      saveProgress: (lease, bytes) =>
        ask('saveProgress', () => {
          const held = this.#holds(lease);
          if (held) this.#progress.set(lease.key, bytes.slice());
          return held;
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
    this.#leases.clear();
    this.#failures.clear();
    this.#progress.clear();
    this.#sequence = 0;
    this.#newest = undefined;
  }

  /** Loses one generation, as an eviction does. */
  evict(dependency: string): void {
    this.#generations.delete(dependency);
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

  #value(
    from: Map<string, Kept>,
    key: string,
  ): { bytes: Uint8Array; remainingMs: number } | undefined {
    const kept = from.get(key);
    if (kept === undefined) return undefined;
    const remainingMs = kept.expiresAt - this.#clock.now();
    if (remainingMs > 0) return { bytes: kept.bytes, remainingMs };
    from.delete(key);
    return undefined;
  }

  #generation(dependency: string): Generation {
    const known = this.#generations.get(dependency);
    if (known !== undefined) return known;
    // Of everything, nobody knows how old it may be; of anything else, no older than the newest of all.
    const after = dependency === EVERYTHING ? undefined : this.#newest;
    const fresh = { dependency, id: randomUUID(), after };
    this.#generations.set(dependency, fresh);
    return fresh;
  }

  #position(): Position {
    return { epoch: this.#generation(EVERYTHING).id, sequence: this.#sequence };
  }

  #store({ key, bytes, ttlMs, generations, lease }: RemoteEntry): StoreOutcome {
    if (lease !== undefined && !this.#holds(lease)) return 'fenced';
    const stands = generations.every(
      ({ dependency, id }) => this.#generations.get(dependency)?.id === id,
    );
    if (stands) {
      this.#values.set(key, { bytes: bytes.slice(), expiresAt: this.#clock.now() + ttlMs });
    }
    if (lease !== undefined) this.#release(lease, undefined);
    return stands ? 'stored' : 'moved';
  }

  #invalidate(changes: readonly RemoteChange[]): readonly Generation[] {
    const moved = changes.map(({ dependency, after }) => {
      const known = this.#generations.get(dependency)?.after;
      const generation = { dependency, id: randomUUID(), after: later(known, after) };
      this.#newest = later(this.#newest, after);
      this.#generations.set(dependency, generation);
      return generation;
    });
    this.#sequence += 1;
    const position = this.#position();
    this.#tell((listener) => listener.moved(moved, position));
    return moved;
  }

  #lease(key: string, ttlMs: number): LeaseAnswer {
    const failure = this.#value(this.#failures, key);
    if (failure !== undefined) return { granted: false, failure: failure.bytes };
    const held = this.#leases.get(key);
    if (held !== undefined && held.expiresAt > this.#clock.now()) return { granted: false };
    this.#fence += 1;
    const lease = { key, fence: this.#fence };
    this.#grant(lease, ttlMs);
    return { granted: true, lease };
  }

  #grant({ key, fence }: Lease, ttlMs: number): void {
    this.#leases.set(key, { key, fence, expiresAt: this.#clock.now() + ttlMs });
  }

  #holds({ key, fence }: Lease): boolean {
    const held = this.#leases.get(key);
    return held?.fence === fence && held.expiresAt > this.#clock.now();
  }

  #release(
    lease: Lease,
    failure: { readonly bytes: Uint8Array; readonly ttlMs: number } | undefined,
  ): void {
    if (!this.#holds(lease)) return;
    const { key } = lease;
    this.#leases.delete(key);
    if (failure !== undefined) {
      const expiresAt = this.#clock.now() + failure.ttlMs;
      this.#failures.set(key, { bytes: failure.bytes.slice(), expiresAt });
    }
    this.#tell((listener) => listener.woken?.(key));
  }

  #tell(message: (listener: RemoteListener) => void): void {
    if (this.losesMessages) return;
    for (const listener of this.#listeners) message(listener);
  }
}
