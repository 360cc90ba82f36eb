import type { CollectionRef } from '../classes/collection-ref.js';
import { invalidOption } from '../errors.js';
import { type CausalToken, isClusterTime } from '../validity/causal-token.js';

export interface ReadOptions {
  /** Ends this caller's wait. The question goes on for others and for the cache. */
  readonly signal?: AbortSignal | undefined;
  /** The answer must show this write: read your own writes. */
  readonly after?: CausalToken | undefined;
  /** Part of the key. Demanded by classes with `tenant: 'required'`. */
  readonly tenant?: string | undefined;
}

/** What is void from now on. At least one of them. */
export interface Invalidation {
  /** Collections of the cache's database, or `{ db, coll }`. */
  readonly collections?: readonly CollectionRef[] | undefined;
  /** Single documents: spares the answers about others, where a read says by `_id` what it is about. */
  readonly documents?:
    | readonly { readonly collection: CollectionRef; readonly ids: readonly unknown[] }[]
    | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Names of classes. */
  readonly classes?: readonly string[] | undefined;
  readonly tenants?: readonly string[] | undefined;
  /** Everything that shares the `keyPrefix`. */
  readonly all?: boolean | undefined;
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

/** The arguments of a prepared read. */
export type PrepareArguments<Input> = undefined extends Input
  ? [params?: Input, options?: Pick<ReadOptions, 'tenant'>]
  : [params: Input, options?: Pick<ReadOptions, 'tenant'>];

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
