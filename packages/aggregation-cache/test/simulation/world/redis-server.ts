import type {
  Generation,
  Lease,
  LeaseAnswer,
  Position,
  RemoteChange,
  RemoteEntry,
  RemoteLook,
  StoreOutcome,
} from '../../../src/ports/remote-store.js';
import { type CausalToken, later } from '../../../src/validity/causal-token.js';
import { EVERYTHING } from '../../../src/validity/dependencies.js';

interface Kept {
  readonly bytes: Uint8Array;
  readonly expiresAt: number;
  readonly trusted?: readonly Generation[] | undefined;
}

interface State {
  readonly values: Map<string, Kept>;
  readonly generations: Map<string, Generation>;
  readonly leases: Map<string, { readonly fence: number; readonly expiresAt: number }>;
  readonly failures: Map<string, Kept>;
  readonly progress: Map<string, Uint8Array>;
  sequence: number;
  newest: CausalToken | undefined;
}

const MOST_OLDER = 4;

export type RedisMessage =
  | {
      readonly kind: 'moved';
      readonly generations: readonly Generation[];
      readonly position: Position;
    }
  | { readonly kind: 'woken'; readonly key: string };

/** What the peers' stores get wrong, each on its own. */
export interface ServerFaults {
  /** Generations are counted from zero, again after they were lost. */
  readonly countsGenerations?: boolean;
  /**
   * An invalidation deletes what is there; what is stored afterwards is not compared with what stands. So
   * for every value, or where a lease was given, which is ended by an invalidation and never asked for again.
   */
  readonly trusts?: 'everybody' | 'leases';
  /** Comes back with older data as if nothing had happened. */
  readonly keepsEpoch?: boolean;
  /** Says that something moved, and moves it later. */
  readonly movesLater?: (move: () => void) => void;
}

/** What a store keeps in Redis, and what it does there in one step. Time is given, ids are counted. */
export class RedisServer {
  publish: (message: RedisMessage) => void = () => {};
  readonly #now: () => number;
  readonly #faults: ServerFaults;
  #state = emptyState();
  /** As it was before each of the last invalidations: what a restart may come back with. */
  readonly #older: State[] = [];
  /** Not part of what can be lost: no id is ever given twice. */
  #ids = 0;
  #fence = 0;

  constructor(now: () => number, faults: ServerFaults = {}) {
    this.#now = now;
    this.#faults = faults;
  }

  /** With the generations that vouch for it, where those of now are not asked. */
  value(key: string): Pick<RemoteLook, 'value'> & Pick<Kept, 'trusted'> {
    const value = this.#live(this.#state.values, key);
    return { value, trusted: this.#state.values.get(key)?.trusted };
  }

  generations(dependencies: readonly string[]): readonly Generation[] {
    return dependencies.map((dependency) => this.#generation(dependency));
  }

  position(): Position {
    return { epoch: this.#generation(EVERYTHING).id, sequence: this.#state.sequence };
  }

  store({ key, bytes, ttlMs, generations, lease }: RemoteEntry): StoreOutcome {
    const { trusts } = this.#faults;
    const isTrusted = trusts === 'everybody' || (trusts === 'leases' && lease !== undefined);
    if (lease !== undefined && !isTrusted && !this.#holds(lease)) return 'fenced';
    const stands = generations.every(
      ({ dependency, id }) => this.#state.generations.get(dependency)?.id === id,
    );
    if (stands || isTrusted) {
      const trusted = isTrusted ? generations : undefined;
      this.#state.values.set(key, { bytes, expiresAt: this.#now() + ttlMs, trusted });
    }
    if (lease !== undefined) this.release(lease, undefined);
    return stands || isTrusted ? 'stored' : 'moved';
  }

  invalidate(changes: readonly RemoteChange[]): readonly Generation[] {
    const state = this.#state;
    this.#older.push(copyOf(state));
    if (this.#older.length > MOST_OLDER) this.#older.shift();
    const moved = changes.map(({ dependency, after }) => {
      const known = state.generations.get(dependency);
      const id = this.#nextId(dependency, known);
      const generation = { dependency, id, after: later(known?.after, after) };
      state.newest = later(state.newest, after);
      const move = () => state.generations.set(dependency, generation);
      if (this.#faults.movesLater === undefined) move();
      else this.#faults.movesLater(move);
      return generation;
    });
    state.sequence += 1;
    if (this.#faults.trusts !== undefined) this.#deleteWhatDependsOn(changes);
    this.publish({ kind: 'moved', generations: moved, position: this.position() });
    return moved;
  }

  remove(key: string): void {
    this.#state.values.delete(key);
  }

  lease(key: string, ttlMs: number): LeaseAnswer {
    const failure = this.#live(this.#state.failures, key);
    if (failure !== undefined) return { granted: false, failure: failure.bytes };
    const held = this.#state.leases.get(key);
    if (held !== undefined && held.expiresAt > this.#now()) return { granted: false };
    this.#fence += 1;
    const lease = { key, fence: this.#fence };
    this.#grant(lease, ttlMs);
    return { granted: true, lease };
  }

  renew(lease: Lease, ttlMs: number): boolean {
    const held = this.#holds(lease);
    if (held) this.#grant(lease, ttlMs);
    return held;
  }

  release(
    lease: Lease,
    failure: { readonly bytes: Uint8Array; readonly ttlMs: number } | undefined,
  ): void {
    if (!this.#holds(lease)) return;
    const { key } = lease;
    this.#state.leases.delete(key);
    if (failure !== undefined) {
      const expiresAt = this.#now() + failure.ttlMs;
      this.#state.failures.set(key, { bytes: failure.bytes, expiresAt });
    }
    this.publish({ kind: 'woken', key });
  }

  progress(key: string): Uint8Array | undefined {
    return this.#state.progress.get(key);
  }

  saveProgress(lease: Lease, bytes: Uint8Array): boolean {
    const held = this.#holds(lease);
    if (held) this.#state.progress.set(lease.key, bytes);
    return held;
  }

  /** The next one that asks is told of a new epoch, as after each start of the server. */
  restart(data: 'kept' | 'older' | 'lost', pick: (states: readonly State[]) => State): void {
    if (data === 'older' && this.#older.length > 0) this.#state = copyOf(pick(this.#older));
    if (data === 'lost') this.wipe();
    if (this.#faults.keepsEpoch !== true) this.#state.generations.delete(EVERYTHING);
  }

  /** Loses everything while everybody stays connected. */
  wipe(): void {
    this.#state = emptyState();
  }

  evictValue(pick: (keys: readonly string[]) => string): void {
    const keys = [...this.#state.values.keys()];
    if (keys.length > 0) this.#state.values.delete(pick(keys));
  }

  evictGeneration(pick: (dependencies: readonly string[]) => string): void {
    const dependencies = [...this.#state.generations.keys()];
    if (dependencies.length > 0) this.#state.generations.delete(pick(dependencies));
  }

  #deleteWhatDependsOn(changes: readonly RemoteChange[]): void {
    const names = new Set(changes.map(({ dependency }) => dependency));
    for (const [key, { trusted }] of this.#state.values) {
      if (trusted?.some(({ dependency }) => names.has(dependency))) this.#state.values.delete(key);
    }
    this.#state.leases.clear();
  }

  #generation(dependency: string): Generation {
    const known = this.#state.generations.get(dependency);
    if (known !== undefined) return known;
    // Of everything, nobody knows how old it may be; of anything else, no older than the newest of all.
    const after = dependency === EVERYTHING ? undefined : this.#state.newest;
    const fresh = { dependency, id: this.#nextId(dependency, undefined), after };
    this.#state.generations.set(dependency, fresh);
    return fresh;
  }

  #nextId(dependency: string, known: Generation | undefined): string {
    if (this.#faults.countsGenerations === true && dependency !== EVERYTHING) {
      return known === undefined ? '0' : String(Number(known.id) + 1);
    }
    this.#ids += 1;
    return `g${this.#ids}`;
  }

  #grant({ key, fence }: Lease, ttlMs: number): void {
    this.#state.leases.set(key, { fence, expiresAt: this.#now() + ttlMs });
  }

  #holds({ key, fence }: Lease): boolean {
    const held = this.#state.leases.get(key);
    return held?.fence === fence && held.expiresAt > this.#now();
  }

  #live(
    from: Map<string, Kept>,
    key: string,
  ): { readonly bytes: Uint8Array; readonly remainingMs: number } | undefined {
    const kept = from.get(key);
    if (kept === undefined) return undefined;
    const remainingMs = kept.expiresAt - this.#now();
    if (remainingMs > 0) return { bytes: kept.bytes, remainingMs };
    from.delete(key);
    return undefined;
  }
}

const emptyState = (): State => ({
  values: new Map(),
  generations: new Map(),
  leases: new Map(),
  failures: new Map(),
  progress: new Map(),
  sequence: 0,
  newest: undefined,
});

const copyOf = (state: State): State => ({
  ...state,
  values: new Map(state.values),
  generations: new Map(state.generations),
  leases: new Map(state.leases),
  failures: new Map(state.failures),
  progress: new Map(state.progress),
});
