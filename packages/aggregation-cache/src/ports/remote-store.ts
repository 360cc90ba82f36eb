import type { CausalToken } from '../validity/causal-token.js';

/**
 * The state of one collection. The id changes at every invalidation, is never used again and cannot be
 * guessed, so a value marked with it is valid exactly as long as the id stands.
 */
export interface Generation {
  /** `database.collection`. */
  readonly namespace: string;
  /** Chosen by the store. */
  readonly id: string;
  /** The newest write known to have caused an invalidation; a fill must not read older data. */
  readonly after?: CausalToken | undefined;
}

/** An invalidation to be made known. */
export type RemoteChange = Pick<Generation, 'namespace' | 'after'>;

/** A value and the generations that stood at the very moment it was read. */
export interface RemoteLook {
  readonly value?: { readonly bytes: Uint8Array; readonly remainingMs: number } | undefined;
  /** One for each namespace asked for, in that order. */
  readonly generations: readonly Generation[];
}

export interface RemoteEntry {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly ttlMs: number;
  /** What must still stand for the value to be stored. */
  readonly generations: readonly Pick<Generation, 'namespace' | 'id'>[];
}

/** `moved`: a generation changed since the load began. `refused`: the value alone is over the budget. */
export type StoreOutcome = 'stored' | 'moved' | 'refused';

export interface RemoteListener {
  /** Some process invalidated. Messages may be lost; generations are read again regularly. */
  readonly moved: (generations: readonly Generation[]) => void;
  /** The store can be asked, or cannot. */
  readonly stateChanged: (state: RemoteState) => void;
}

export type RemoteState = 'ready' | 'away';

/**
 * A tier shared by processes. Each method rejects within the store's own time-out when the other side
 * is gone or frozen; none of them waits for a connection.
 *
 * What an implementation owes:
 * - `look` reads value and generations in one atomic step, and gives each namespace without a
 *   generation a fresh one.
 * - `store` compares the generations and writes in one atomic step.
 * - A generation that was lost (evicted, wiped) comes back with another id, never with an older one. A
 *   server that came back with an older state of its data is noticed before the first use.
 */
export interface RemoteStore {
  readonly state: RemoteState;
  look(key: string, namespaces: readonly string[]): Promise<RemoteLook>;
  generations(namespaces: readonly string[]): Promise<readonly Generation[]>;
  store(entry: RemoteEntry): Promise<StoreOutcome>;
  /**
   * Gives each collection a new generation, keeps the later of the two times, and tells every process.
   * Done again by mistake, it gives yet another generation, never the same one.
   */
  invalidate(changes: readonly RemoteChange[]): Promise<readonly Generation[]>;
  remove(key: string): Promise<void>;
  /** @returns a function that ends the subscription */
  subscribe(listener: RemoteListener): () => void;
  /** Ends what the store itself opened. Connections that were handed in stay open. */
  close(): Promise<void>;
}
