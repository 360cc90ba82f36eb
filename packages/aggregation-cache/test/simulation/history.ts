/** When something happened. Two moments of the same time are told apart by their order. */
export interface Moment {
  readonly order: number;
  /** Milliseconds of the simulated time. */
  readonly time: number;
}

export type Mode = 'strict' | 'bounded' | 'eventual';

/** What an invalidation is about. */
export type Scope =
  | { readonly kind: 'collection'; readonly collection: string }
  | { readonly kind: 'documents'; readonly keys: readonly string[] }
  | { readonly kind: 'class' | 'tag' | 'tenant'; readonly name: string }
  | { readonly kind: 'all' };

interface Call {
  /** One run of a process: after a restart it is another one. */
  readonly process: string;
  readonly begin: Moment;
  /** Absent: it has not been answered. */
  readonly end?: Moment | undefined;
  /** The code of the error it ended with. */
  readonly failure?: string | undefined;
}

export interface WriteCall extends Call {
  readonly kind: 'write';
  /** `collection:id` */
  readonly key: string;
  /** Number of the write that the database made of it; absent if it made none. */
  readonly write?: number | undefined;
}

export interface InvalidateCall extends Call {
  readonly kind: 'invalidate';
  readonly scope: Scope;
  /** The time of the write that was named as the reason. */
  readonly after?: number | undefined;
  readonly published?: boolean | undefined;
}

export interface ReadCall extends Call {
  readonly kind: 'read';
  readonly name: string;
  readonly mode: Mode;
  /** All that the question is about: of each the answer owes a row. */
  readonly keys: readonly string[];
  readonly tags: readonly string[];
  readonly tenant?: string | undefined;
  /** The causal token that the reader presented. */
  readonly after?: number | undefined;
  readonly rows?: readonly SeenRow[] | undefined;
  /** Where the answer came from. For people only: nothing is judged by it. */
  readonly from?: string | undefined;
}

export interface SeenRow {
  readonly key: string;
  /** The last write to the key that the answer shows; 0 for none. */
  readonly write: number;
}

export type HistoryCall = WriteCall | InvalidateCall | ReadCall;

/** A write as the database knows it. */
export interface SourceWrite {
  readonly number: number;
  readonly key: string;
  /** Its place in the history of the replica set. */
  readonly time: number;
  /** The write to the same key that it came after; 0 for none. */
  readonly previous: number;
  /** A failover took it back. */
  readonly rolledBack: boolean;
}

/** All that may be judged by: what was called, and what the database has. Nothing of the cache. */
export interface History {
  readonly calls: readonly HistoryCall[];
  /** By number. */
  readonly writes: ReadonlyMap<number, SourceWrite>;
}
