import { Timestamp } from 'mongodb';
import type { ServedBy } from '../ports/source.js';

/** What is stored beside the rows. */
export interface EnvelopeHeader {
  /** Name and version of the class. */
  readonly pipelineClass: string;
  readonly version: number;
  readonly key: string;
  /** The whole life of the value; with what is left of it, its age. */
  readonly ttlMs: number;
  /** How much of its life it is fresh for; after that it is only good where a class allows a stale answer. */
  readonly freshMs: number;
  /** What it took to load. */
  readonly costMs: number;
  readonly rows: number;
  readonly member?: ServedBy | undefined;
  /** The rows are known to be no older than this. */
  readonly asOf?: Timestamp | undefined;
}

/** The header as it is stored: with the generations that stood, as one text, and the length of the rows. */
export interface StoredHeader {
  readonly header: EnvelopeHeader;
  readonly standing: string;
  readonly rowBytes: number;
}

/**
 * All little endian: the header's own length (4 bytes); version, ttlMs, freshMs and costMs as doubles; the rows,
 * their bytes (4 each); asOf (8, zero for none); then four texts, each after its length (4): key, class,
 * generations, member as JSON (empty for none).
 */
const TEXTS_AT = 4 + 4 * 8 + 2 * 4 + 8;

export const writeHeader = ({ header, standing, rowBytes }: StoredHeader): Buffer => {
  const member = header.member === undefined ? '' : JSON.stringify(header.member);
  const texts = [header.key, header.pipelineClass, standing, member].map((text) =>
    Buffer.from(text),
  );
  const length = texts.reduce((sum, text) => sum + 4 + text.length, TEXTS_AT);
  const buffer = Buffer.alloc(length);
  let at = buffer.writeUInt32LE(length);
  for (const number of [header.version, header.ttlMs, header.freshMs, header.costMs]) {
    at = buffer.writeDoubleLE(number, at);
  }
  at = buffer.writeUInt32LE(header.rows, at);
  at = buffer.writeUInt32LE(rowBytes, at);
  at = buffer.writeBigUInt64LE(header.asOf?.toBigInt() ?? 0n, at);
  for (const text of texts) {
    at = buffer.writeUInt32LE(text.length, at);
    at += text.copy(buffer, at);
  }
  return buffer;
};

/** A checksum vouches for the bytes; this still trusts nothing, for anybody can compute a checksum. */
export const readHeader = (
  buffer: Buffer,
  start: number,
): (StoredHeader & { readonly end: number }) | undefined => {
  try {
    return readParts(buffer, start);
  } catch {
    // Read beyond its end, or a member that is no JSON.
    return undefined;
  }
};

const readParts = (
  buffer: Buffer,
  start: number,
): (StoredHeader & { readonly end: number }) | undefined => {
  const end = start + buffer.readUInt32LE(start);
  if (end > buffer.length) return undefined;
  const version = buffer.readDoubleLE(start + 4);
  const ttlMs = buffer.readDoubleLE(start + 12);
  const freshMs = buffer.readDoubleLE(start + 20);
  const costMs = buffer.readDoubleLE(start + 28);
  const rows = buffer.readUInt32LE(start + 36);
  const rowBytes = buffer.readUInt32LE(start + 40);
  const asOf = readTime(buffer, start + 44);
  let at = start + TEXTS_AT;
  const nextText = (): string => {
    const from = at + 4;
    at = from + buffer.readUInt32LE(at);
    return buffer.toString('utf8', from, at);
  };
  const key = nextText();
  const pipelineClass = nextText();
  const standing = nextText();
  const member = readMember(nextText());
  const isWhole = at === end && ttlMs > 0 && [ttlMs, freshMs, costMs].every(isDuration);
  if (!isWhole) return undefined;
  const header = { pipelineClass, version, key, ttlMs, freshMs, costMs, rows, member, asOf };
  return { header, standing, rowBytes, end };
};

const isDuration = (ms: number): boolean => ms >= 0 && ms < Number.POSITIVE_INFINITY;

const readTime = (buffer: Buffer, at: number): Timestamp | undefined => {
  const [i, t] = [buffer.readUInt32LE(at), buffer.readUInt32LE(at + 4)];
  return i === 0 && t === 0 ? undefined : new Timestamp({ t, i });
};

/** There are few members, and most values name one of them. */
const membersByText = new Map<string, ServedBy>();
const MOST_MEMBERS = 256;

/** @throws if it is none */
const readMember = (text: string): ServedBy | undefined => {
  if (text === '') return undefined;
  const known = membersByText.get(text);
  if (known !== undefined) return known;
  const member: unknown = JSON.parse(text);
  if (!isMember(member)) throw new TypeError('no member');
  Object.freeze(member.tags);
  if (membersByText.size === MOST_MEMBERS) membersByText.clear();
  membersByText.set(text, Object.freeze(member));
  return member;
};

const isMember = (value: unknown): value is ServedBy => {
  const { address, tags } = Object(value) as Partial<ServedBy>;
  const isTags = typeof tags === 'object' && tags !== null && !Array.isArray(tags);
  return (
    typeof address === 'string' &&
    isTags &&
    Object.values(tags).every((tag) => typeof tag === 'string')
  );
};
