import { BSON, type ClusterTime, Timestamp } from 'mongodb';
import type { Generation, Position } from '../../ports/remote-store.js';
import { type CausalToken, isClusterTime } from '../../validity/causal-token.js';

/** Characters of a generation's id. */
const ID_LENGTH = 32;
/** Characters of an operation time: hexadecimal, so that scripts can compare it as text. */
const TIME_LENGTH = 16;

/** A generation is kept as its id, the operation time, and the signed cluster time as BSON. */
export const decodeGeneration = (dependency: string, bytes: Uint8Array): Generation => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const id = buffer.toString('latin1', 0, ID_LENGTH);
  const after = buffer.length > ID_LENGTH ? decodeToken(buffer.subarray(ID_LENGTH)) : undefined;
  return { dependency, id, after };
};

/** Empty without a token. */
export const encodeToken = (token: CausalToken | undefined): Buffer => {
  if (token === undefined) return Buffer.alloc(0);
  const time = token.operationTime.toBigInt().toString(16).padStart(TIME_LENGTH, '0');
  const signed = token.clusterTime === undefined ? [] : [BSON.serialize(token.clusterTime)];
  return Buffer.concat([Buffer.from(time, 'latin1'), ...signed]);
};

/** Undefined for what no invalidation wrote: anybody can write to Redis, so nothing is thrown, whatever it is. */
const decodeToken = (buffer: Buffer): CausalToken | undefined => {
  const time = buffer.toString('latin1', 0, TIME_LENGTH);
  if (!/^[0-9a-f]{16}$/.test(time)) return undefined;
  const operationTime = new Timestamp(BigInt(`0x${time}`));
  const signed = buffer.subarray(TIME_LENGTH);
  if (signed.length === 0) return { operationTime };
  const clusterTime = decodeClusterTime(signed);
  return clusterTime === undefined ? undefined : { operationTime, clusterTime };
};

const decodeClusterTime = (bytes: Uint8Array): ClusterTime | undefined => {
  try {
    // A key id beyond 2^53 must come back as it was, or the signature does not fit.
    const clusterTime: unknown = BSON.deserialize(bytes, { promoteLongs: false });
    return isClusterTime(clusterTime) ? clusterTime : undefined;
  } catch {
    return undefined;
  }
};

/** An announcement: the epoch, how many there have been, and what moved. */
export interface Announcement {
  readonly position: Position;
  readonly generations: readonly Generation[];
}

/**
 * Announcements have version 2: the epoch's id, the sequence in 14 hexadecimal digits, then names and
 * generations in turn, each after its length in 8 hexadecimal digits.
 */
const MESSAGE_VERSION = '2';
const SEQUENCE_AT = MESSAGE_VERSION.length + ID_LENGTH;
const PARTS_AT = SEQUENCE_AT + 14;
const LENGTH_DIGITS = 8;

/** @returns undefined for what is none of ours; anybody can publish, so nothing is thrown, whatever it is */
export const decodeMessage = (message: Buffer): Announcement | undefined => {
  const head = /^2([0-9a-f]{32})([0-9a-f]{14})$/.exec(message.toString('latin1', 0, PARTS_AT));
  const parts = head === null ? undefined : splitParts(message);
  if (head === null || parts === undefined || parts.length % 2 !== 0) return undefined;
  const generations: Generation[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const [dependency, generation] = parts.slice(index, index + 2) as [Buffer, Buffer];
    if (generation.length < ID_LENGTH) return undefined;
    generations.push(decodeGeneration(dependency.toString(), generation));
  }
  const [, epoch = '', sequence = ''] = head;
  return { position: { epoch, sequence: Number.parseInt(sequence, 16) }, generations };
};

const splitParts = (message: Buffer): Buffer[] | undefined => {
  const parts: Buffer[] = [];
  let at = PARTS_AT;
  while (at < message.length) {
    const digits = message.toString('latin1', at, at + LENGTH_DIGITS);
    // `parseInt` alone would take a sign, and a length below zero would never come to an end.
    if (!/^[0-9a-f]{8}$/.test(digits)) return undefined;
    const length = Number.parseInt(digits, 16);
    at += LENGTH_DIGITS;
    if (at + length > message.length) return undefined;
    parts.push(message.subarray(at, at + length));
    at += length;
  }
  return parts;
};
