import type { CausalToken } from '../validity/causal-token.js';

/**
 * The state of one dependency. The id changes at every invalidation, is never used again and cannot be
 * guessed, so a value marked with it is valid exactly as long as the id stands.
 */
export interface Generation {
  /** See `dependencies.ts`. */
  readonly dependency: string;
  /** Chosen by the store. */
  readonly id: string;
  /** The newest write known to have caused an invalidation; a fill must not read older data. */
  readonly after?: CausalToken | undefined;
}

/** An invalidation to be made known. */
export type RemoteChange = Pick<Generation, 'dependency' | 'after'>;

/** Where the announcements stand. Equal positions mean that nothing was invalidated in between. */
export interface Position {
  /** Another one whenever the store may have lost anything. */
  readonly epoch: string;
  /** Grows by one at each invalidation. */
  readonly sequence: number;
}

/** A value and the generations that stood when it was read, or a moment later. */
export interface RemoteLook {
  readonly value?: { readonly bytes: Uint8Array; readonly remainingMs: number } | undefined;
  /** One for each dependency asked for, in that order. */
  readonly generations: readonly Generation[];
}

export interface RemoteEntry {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly ttlMs: number;
  /** What must still stand for the value to be stored. */
  readonly generations: readonly Pick<Generation, 'dependency' | 'id'>[];
  /** The right under which it was loaded. Storing ends it. */
  readonly lease?: Lease | undefined;
}

/**
 * `replaced`: stored, in place of what was no value. `moved`: a generation changed since the load began. `refused`: the value alone is over the budget.
 * `fenced`: the lease ended, and somebody else may have stored since.
 */
export type StoreOutcome = 'stored' | 'replaced' | 'moved' | 'refused' | 'fenced';

/** The right of one process to do something that all others wait for. */
export interface Lease {
  readonly key: string;
  /** Who was given it later has the greater one. */
  readonly fence: number;
}

export type LeaseAnswer =
  | { readonly granted: true; readonly lease: Lease }
  /** Somebody else has it; or had it, and failed a moment ago. */
  | { readonly granted: false; readonly failure?: Uint8Array | undefined };

export interface RemoteListener {
  /** Some process invalidated. Messages may be lost: `position` shows it. */
  readonly moved: (generations: readonly Generation[], position: Position) => void;
  /** A lease that was waited for has ended, by a value, a failure or neither. Messages may be lost. */
  readonly woken?: (key: string) => void;
  /** The store can be asked, or cannot. */
  readonly stateChanged: (state: RemoteState) => void;
}

export type RemoteState = 'ready' | 'away';

/**
 * A tier shared by processes. Each method rejects within the store's own time-out when the other side
 * is gone or frozen; none of them waits for a connection.
 *
 * What an implementation owes:
 * - `look` reads the generations in one atomic step, and the value before them or in the same step. It gives each
 *   dependency without a generation a fresh one, whose `after` is the newest time of all invalidations.
 * - `store` compares the generations and writes in one atomic step.
 * - A generation that was lost (evicted, wiped) comes back with another id, never with an older one. A
 *   server that came back with an older state of its data is noticed before the first use; then, as when
 *   it lost everything, the generation of `*` is another one and has no `after`.
 */
export interface RemoteStore {
  readonly state: RemoteState;
  look(key: string, dependencies: readonly string[]): Promise<RemoteLook>;
  generations(dependencies: readonly string[]): Promise<readonly Generation[]>;
  position(): Promise<Position>;
  store(entry: RemoteEntry): Promise<StoreOutcome>;
  /**
   * Gives each dependency a new generation, keeps the later of the two times, and tells every process.
   * Done again by mistake, it gives yet another generation, never the same one.
   */
  invalidate(changes: readonly RemoteChange[]): Promise<readonly Generation[]>;
  remove(key: string): Promise<void>;
  /** Asks for the right to do what `key` stands for, for `ttlMs`. */
  lease(request: { readonly key: string; readonly ttlMs: number }): Promise<LeaseAnswer>;
  /** @returns false if it is not held any more */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Ends the lease and wakes who waits. A failure is told to whoever asks for it within its `ttlMs`. */
  release(
    lease: Lease,
    failure?: { readonly bytes: Uint8Array; readonly ttlMs: number },
  ): Promise<void>;
  /** What the holder of a lease has saved last. */
  progress(key: string): Promise<Uint8Array | undefined>;
  /** @returns false, and saves nothing, if the lease is not held any more */
  saveProgress(lease: Lease, bytes: Uint8Array): Promise<boolean>;
  /** @returns a function that ends the subscription */
  subscribe(listener: RemoteListener): () => void;
  /** Ends what the store itself opened. Connections that were handed in stay open. */
  close(): Promise<void>;
}
