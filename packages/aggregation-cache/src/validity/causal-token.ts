import type { ClientSession, ClusterTime, Timestamp } from 'mongodb';

/**
 * A point in the history of a replica set. The signed cluster time travels with the operation time,
 * because a member refuses to wait for a time that it has not been told of by a signed one.
 */
export interface CausalToken {
  readonly operationTime: Timestamp;
  readonly clusterTime?: ClusterTime | undefined;
}

/**
 * The point that `session` has reached: after a write in the session, a read with this token sees it.
 * @returns undefined if the session has done nothing yet, or the server keeps no such time
 */
export const causalToken = (
  session: Pick<ClientSession, 'operationTime' | 'clusterTime'>,
): CausalToken | undefined =>
  session.operationTime === undefined
    ? undefined
    : { operationTime: session.operationTime, clusterTime: session.clusterTime };

/** Whether it is what a driver takes for a signed time: anything else would make every read that carries it fail. */
export const isClusterTime = (value: unknown): value is ClusterTime => {
  const { clusterTime, signature } = Object(value) as Partial<ClusterTime>;
  const { hash, keyId } = Object(signature) as Partial<NonNullable<ClusterTime['signature']>>;
  const isKey = typeof keyId === 'bigint' || typeof keyId === 'number' || typeOf(keyId) === 'Long';
  return typeOf(clusterTime) === 'Timestamp' && typeOf(hash) === 'Binary' && isKey;
};

const typeOf = (value: unknown): unknown => (Object(value) as { _bsontype?: unknown })._bsontype;

/** Whether a reader that has seen `reached` has also seen `wanted`. */
export const reaches = (reached: Timestamp | undefined, wanted: Timestamp | undefined): boolean =>
  wanted === undefined || (reached !== undefined && reached.compare(wanted) >= 0);

/** The later of two tokens. */
export const later = (
  one: CausalToken | undefined,
  other: CausalToken | undefined,
): CausalToken | undefined => {
  if (one === undefined) return other;
  return other !== undefined && other.operationTime.compare(one.operationTime) > 0 ? other : one;
};
