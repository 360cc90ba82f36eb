import { crc32 } from 'node:zlib';
import { BSON, Timestamp } from 'mongodb';
import type { ServedBy } from '../ports/source.js';

/**
 * The stored form of a result, version 1:
 *
 *     0   4 bytes  'NACV'
 *     4   1 byte   format version
 *     5   3 bytes  zero
 *     8   4 bytes  CRC-32 of everything from byte 12, little endian
 *     12  a BSON document: the header
 *     …   the rows, one BSON document after the other, as the member sent them
 */
const MAGIC = Buffer.from('NACV');
export const ENVELOPE_FORMAT = 1;
const CHECKSUM_AT = 8;
const HEADER_AT = 12;
/** The shortest BSON document: its length and its end. */
const SHORTEST_DOCUMENT = 5;

/** What is stored beside the rows. */
export interface EnvelopeHeader {
  /** Name and version of the class. */
  readonly pipelineClass: string;
  readonly version: number;
  readonly key: string;
  /** The generations that stood when the load began: pairs of namespace and id. */
  readonly generations: readonly (readonly [namespace: string, id: string])[];
  readonly rows: number;
  /** The whole life of the value; with what is left of it, its age. */
  readonly ttlMs: number;
  readonly member?: ServedBy | undefined;
  /** The rows are known to be no older than this. */
  readonly asOf?: Timestamp | undefined;
}

/** Why stored bytes were not used. */
export type PoisonReason =
  /** Not written by this package. */
  | 'foreign'
  /** Written in another version of the format. */
  | 'format'
  /** Cut short or changed on the way. */
  | 'corrupt'
  /** Whole, but an answer to another question. */
  | 'misplaced'
  /** A row no longer fits the class's schema. */
  | 'schema';

export type OpenedEnvelope =
  | { readonly header: EnvelopeHeader; readonly rows: readonly Uint8Array[] }
  | { readonly poisoned: PoisonReason };

export const sealEnvelope = (
  header: Omit<EnvelopeHeader, 'rows'>,
  rows: readonly Uint8Array[],
): Uint8Array => {
  const head = BSON.serialize(
    { ...header, rows: rows.length },
    // An absent member is absent, not null.
    { ignoreUndefined: true },
  );
  const front = Buffer.alloc(HEADER_AT);
  MAGIC.copy(front);
  front[MAGIC.length] = ENVELOPE_FORMAT;
  const sealed = Buffer.concat([front, head, ...rows]);
  sealed.writeUInt32LE(crc32(sealed.subarray(HEADER_AT)), CHECKSUM_AT);
  return sealed;
};

/** Reads stored bytes. Never throws, whatever they are. */
export const openEnvelope = (
  bytes: Uint8Array,
  expected: Pick<EnvelopeHeader, 'pipelineClass' | 'version' | 'key'>,
): OpenedEnvelope => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, MAGIC.length).equals(MAGIC)) return { poisoned: 'foreign' };
  if (buffer[MAGIC.length] !== ENVELOPE_FORMAT) return { poisoned: 'format' };
  if (buffer.length < HEADER_AT + SHORTEST_DOCUMENT) return { poisoned: 'corrupt' };
  if (crc32(buffer.subarray(HEADER_AT)) !== buffer.readUInt32LE(CHECKSUM_AT)) {
    return { poisoned: 'corrupt' };
  }
  const [head, ...rows] = splitDocuments(buffer, HEADER_AT);
  if (head === undefined) return { poisoned: 'corrupt' };
  const header = readHeader(head);
  if (header === undefined || header.rows !== rows.length) return { poisoned: 'corrupt' };
  const matches =
    header.key === expected.key &&
    header.pipelineClass === expected.pipelineClass &&
    header.version === expected.version;
  return matches ? { header, rows } : { poisoned: 'misplaced' };
};

/** Cuts a run of BSON documents at their lengths. Empty if the lengths do not add up. */
const splitDocuments = (buffer: Buffer, start: number): Buffer[] => {
  const documents: Buffer[] = [];
  let at = start;
  while (at < buffer.length) {
    const length = at + 4 <= buffer.length ? buffer.readInt32LE(at) : 0;
    if (length < SHORTEST_DOCUMENT || at + length > buffer.length) return [];
    documents.push(buffer.subarray(at, at + length));
    at += length;
  }
  return documents;
};

/** The checksum vouches for the bytes; this still trusts nothing, for anybody can compute a checksum. */
const readHeader = (bytes: Uint8Array): EnvelopeHeader | undefined => {
  try {
    const read = BSON.deserialize(bytes) as Partial<EnvelopeHeader>;
    const whole =
      typeof read.pipelineClass === 'string' &&
      typeof read.version === 'number' &&
      typeof read.key === 'string' &&
      typeof read.rows === 'number' &&
      typeof read.ttlMs === 'number' &&
      Number.isFinite(read.ttlMs) &&
      read.ttlMs > 0 &&
      Array.isArray(read.generations) &&
      read.generations.every(isPairOfTexts) &&
      (read.member === undefined || isMember(read.member)) &&
      (read.asOf === undefined || read.asOf instanceof Timestamp);
    return whole ? (read as EnvelopeHeader) : undefined;
  } catch {
    return undefined;
  }
};

const isPairOfTexts = (pair: unknown): boolean =>
  Array.isArray(pair) && pair.length === 2 && pair.every((one) => typeof one === 'string');

const isMember = (value: unknown): value is ServedBy => {
  const { address, tags } = Object(value) as Partial<ServedBy>;
  const isTags = typeof tags === 'object' && tags !== null && !Array.isArray(tags);
  return (
    typeof address === 'string' &&
    isTags &&
    Object.values(tags).every((tag) => typeof tag === 'string')
  );
};
