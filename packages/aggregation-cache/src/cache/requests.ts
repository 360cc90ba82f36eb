import { type CollectionRef, namespaceOf, readCollectionRef } from '../classes/collection-ref.js';
import { invalidOption } from '../errors.js';
import type { ServedBy } from '../ports/source.js';
import { type CausalToken, isClusterTime } from '../validity/causal-token.js';
import type { ReadSource } from './events.js';

export interface ReadOptions {
  /** Ends this caller's wait. The question goes on for others and for the cache. */
  readonly signal?: AbortSignal | undefined;
  /** The answer must show this write: read your own writes. */
  readonly after?: CausalToken | undefined;
  /** Part of the key. Demanded by classes with `tenant: 'required'`. */
  readonly tenant?: string | undefined;
}

export interface ReadResult<Row> {
  /** Frozen, shared with other callers, never to be changed. */
  readonly rows: readonly Row[];
  readonly source: ReadSource;
  readonly cache: 'HIT' | 'MISS';
  /** The member that the rows come from, also when they were kept since. */
  readonly member?: ServedBy | undefined;
  /** Milliseconds since the member was asked for these rows. */
  readonly ageMs: number;
  /** Milliseconds this read took. */
  readonly tookMs: number;
}

export interface Invalidation {
  /** Collections of the cache's database, or `{ db, coll }`. */
  readonly collections: readonly CollectionRef[];
  /** The write that is the reason. Default: what the primary has reached now, at the price of asking it. */
  readonly after?: CausalToken | undefined;
}

export interface InvalidationResult {
  /**
   * Whether the other processes know. `false`: the remote store could not be told; it is told as soon as
   * it can be, and until then nothing of it is used here. Absent without a remote store.
   */
  readonly published?: boolean | undefined;
}

/** The arguments of a read; a class without parameters needs none. */
export type ReadArguments<Input> = undefined extends Input
  ? [params?: Input, options?: ReadOptions]
  : [params: Input, options?: ReadOptions];

/** Each collection once, as `database.collection`. @throws INVALID_OPTION */
export const readCollections = (collections: unknown, database: string): readonly string[] => {
  if (!Array.isArray(collections) || collections.length === 0) {
    throw invalidOption('collections', collections, 'a list of at least one collection');
  }
  const named = collections.map((ref, index) =>
    namespaceOf(readCollectionRef(`collections.${index}`, ref), database),
  );
  return [...new Set(named)].sort();
};

/** @throws INVALID_OPTION unless `token` is undefined or of the shape that the driver takes */
export const readToken = (option: string, token: unknown): void => {
  if (token === undefined) return;
  const { operationTime, clusterTime } = Object(token) as {
    operationTime?: { _bsontype?: unknown };
    clusterTime?: unknown;
  };
  const isSigned = clusterTime === undefined || isClusterTime(clusterTime);
  if (operationTime?._bsontype === 'Timestamp' && isSigned) return;
  throw invalidOption(
    option,
    token,
    'an object with operationTime, a BSON Timestamp, and maybe the signed clusterTime (see causalToken(session))',
  );
};
