import { Binary, type ClusterTime, Long, Timestamp } from 'mongodb';
import type { CausalToken } from '../../../src/validity/causal-token.js';

/** Seconds since 1970, where the simulated history begins. */
const BEGIN = Date.UTC(2026, 0, 1) / 1000;

/** A point in the simulated history as the driver writes it, signed. */
export const tokenOf = (time: number): CausalToken => {
  const operationTime = new Timestamp({ t: BEGIN + time, i: 1 });
  return { operationTime, clusterTime: { clusterTime: operationTime, signature } };
};

export const timeOf = (operationTime: Timestamp): number =>
  operationTime.getHighBitsUnsigned() - BEGIN;

const signature: NonNullable<ClusterTime['signature']> = {
  hash: new Binary(new Uint8Array(20)),
  keyId: Long.fromNumber(1),
};
