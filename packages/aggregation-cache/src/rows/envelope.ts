import { crc32 } from 'node:zlib';
import { AggregationCacheError } from '../errors.js';
import type { Generation } from '../ports/remote-store.js';
import { readNumber, refuseUnknown } from '../validation.js';
import { checkDocument } from './check-document.js';
import type { RowTypes } from './decode-rows.js';
import {
  type EnvelopeHeader,
  readHeader,
  type StoredHeader,
  writeHeader,
} from './envelope-header.js';
import { type Packing, pack, unpack } from './packing.js';
import { Sealing, type SealKey } from './sealing.js';

/**
 * The stored form of a result, version 2:
 *
 *     0   4 bytes  'NACV'
 *     4   1 byte   format version
 *     5   3 bytes  zero
 *     8   4 bytes  CRC-32 of everything from byte 12, little endian
 *     12  1 byte   flags: 1 sealed, 2 rows deflated, 4 rows in zstd
 *     13  the header, then the rows, one BSON document after the other, as the member sent them
 *
 * Sealed, everything from byte 13 is: length (1 byte) and id of the key, nonce (12), tag (16), and header and
 * rows in AES-256-GCM, bound to format and flags and to key, name and version of the class; the generations
 * are in the header, so that a value can be moved neither to another question nor to another time.
 */
const MAGIC = Buffer.from('NACV');
export const ENVELOPE_FORMAT = 2;
const FRONT = Buffer.from([...MAGIC, ENVELOPE_FORMAT, 0, 0, 0]);
const CHECKSUM_AT = 8;
const FLAGS_AT = 12;
const BODY_AT = 13;
const SEALED = 1;
const PACKED: Readonly<Record<Packing, number>> = { none: 0, deflate: 2, zstd: 4 };
const PACKINGS: Readonly<Record<number, Packing>> = { 0: 'none', 2: 'deflate', 4: 'zstd' };

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
  /** Of a personal class, and not sealed, or not by a key that is known, or not for this question; or the reverse. */
  | 'sealed'
  /** Unpacked, its rows would take more than may be kept. */
  | 'tooLarge'
  /** A row no longer fits the class's schema. */
  | 'schema';

/** Every default, with the reason for its value. */
export const ENVELOPE_DEFAULTS = {
  /** Bytes. To unpack costs a tenth of a millisecond however little it is; from here on, decoding costs more. */
  compressMinBytes: 16_384,
  /** Bytes. As many as a result may have to be kept. */
  maxUnpackedBytes: 4 * 1024 * 1024,
} as const;

export interface EnvelopeOptions {
  /** The first seals the values of personal classes, all open them. Default: none, so such classes are refused. */
  readonly sealKeys?: readonly SealKey[] | undefined;
  /** Compresses the rows of larger results; those of personal classes never, for their length would tell of them. Default true. */
  readonly compress?: boolean | { readonly minBytes?: number | undefined } | undefined;
  /** Bytes of rows that are unpacked at most. */
  readonly maxUnpackedBytes?: number | undefined;
  readonly rowTypes?: RowTypes | undefined;
}

/** What a class is to its stored values. */
export interface StoredClass {
  readonly name: string;
  readonly version: number;
  readonly personal?: boolean | undefined;
}

export interface EnvelopeContent extends Omit<EnvelopeHeader, 'rows'> {
  /** Whether it is to be sealed. */
  readonly personal: boolean;
  /** Whether it may be compressed. Default true. */
  readonly compress?: boolean | undefined;
  /** The generations that stood when the load began. */
  readonly generations: readonly (readonly [dependency: string, id: string])[];
}

export interface ExpectedEnvelope {
  readonly pipelineClass: StoredClass;
  readonly key: string;
  /** The generations that stand, in the order of the dependencies. */
  readonly generations: readonly Generation[];
}

export type OpenedEnvelope =
  /** The rows are views, it may be of what was given: who keeps them copies them. */
  | { readonly header: EnvelopeHeader; readonly rows: readonly Uint8Array[] }
  /** Whole, but something it depends on was invalidated. */
  | { readonly outdated: true }
  | { readonly poisoned: PoisonReason };

/** Makes stored bytes of rows, and rows of stored bytes. */
export class Envelopes {
  readonly #sealing: Sealing | undefined;
  readonly #compressFrom: number;
  readonly #maxUnpackedBytes: number;
  readonly #rowTypes: RowTypes;
  #generations: readonly Generation[] = [];
  #idsOfThem = idsOf([]);

  /** @throws INVALID_OPTION */
  constructor(options: EnvelopeOptions = {}) {
    const { compress = true, maxUnpackedBytes = ENVELOPE_DEFAULTS.maxUnpackedBytes } = options;
    this.#sealing = options.sealKeys === undefined ? undefined : new Sealing(options.sealKeys);
    this.#compressFrom = readCompress(compress);
    this.#maxUnpackedBytes = maxUnpackedBytes;
    this.#rowTypes = options.rowTypes ?? {};
  }

  /** @throws SEAL_KEY_REQUIRED if values of the class may not be stored without a key, and there is none */
  assertCanStore({ name, personal }: Pick<StoredClass, 'name' | 'personal'>): void {
    if (personal !== true || this.#sealing !== undefined) return;
    throw new AggregationCacheError(
      'SEAL_KEY_REQUIRED',
      `'${name}' is personal, so its values are sealed where other processes read them: option 'sealKeys' must name a key.`,
      { pipelineClass: name },
    );
  }

  /** @throws SEAL_KEY_REQUIRED */
  async write(content: EnvelopeContent, rows: readonly Uint8Array[]): Promise<Buffer> {
    const { personal, compress = true, generations, ...header } = content;
    this.assertCanStore({ name: header.pipelineClass, personal });
    const plain = Buffer.concat(rows);
    const packs = compress && !personal && plain.length >= this.#compressFrom;
    const { packing, bytes } = packs
      ? await pack(plain)
      : { packing: 'none' as const, bytes: plain };
    const stored: StoredHeader = {
      header: { ...header, rows: rows.length },
      standing: idsOf(generations.map(([, id]) => id)),
      rowBytes: plain.length,
    };
    const front = Buffer.alloc(BODY_AT);
    FRONT.copy(front);
    front[FLAGS_AT] = PACKED[packing] | (personal ? SEALED : 0);
    const body = [writeHeader(stored), bytes];
    const { pipelineClass: name, version, key } = header;
    const written =
      personal && this.#sealing !== undefined
        ? [this.#sealing.seal(Buffer.concat(body), boundTo(front, { name, version }, key))]
        : body;
    const envelope = Buffer.concat([front, ...written]);
    envelope.writeUInt32LE(checksum(envelope), CHECKSUM_AT);
    return envelope;
  }

  /** Reads stored bytes: at once, unless they are compressed. Never throws, whatever they are. */
  open(bytes: Uint8Array, expected: ExpectedEnvelope): OpenedEnvelope | Promise<OpenedEnvelope> {
    const envelope = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const flaw = flawOf(envelope);
    if (flaw !== undefined) return { poisoned: flaw };
    const flags = envelope[FLAGS_AT] as number;
    const isSealed = (flags & SEALED) !== 0;
    const { pipelineClass, key } = expected;
    if (isSealed !== (pipelineClass.personal === true)) return { poisoned: 'sealed' };
    const body = isSealed
      ? this.#sealing?.open(envelope.subarray(BODY_AT), boundTo(envelope, pipelineClass, key))
      : envelope.subarray(BODY_AT);
    if (body === undefined) return { poisoned: 'sealed' };
    const stored = readHeader(body, 0);
    if (stored === undefined) return { poisoned: 'corrupt' };
    const { header, standing, rowBytes, end } = stored;
    const isOurs =
      header.key === key &&
      header.pipelineClass === pipelineClass.name &&
      header.version === pipelineClass.version;
    if (!isOurs) return { poisoned: 'misplaced' };
    if (standing !== this.#standing(expected.generations)) return { outdated: true };
    const packed = body.subarray(end);
    const packing = PACKINGS[flags & ~SEALED] ?? 'none';
    if (packing === 'none') {
      if (packed.length !== rowBytes) return { poisoned: 'corrupt' };
      return this.#opened(header, packed);
    }
    if (rowBytes > this.#maxUnpackedBytes) return { poisoned: 'tooLarge' };
    return unpack(packed, packing, rowBytes).then((unpacked) => this.#opened(header, unpacked));
  }

  /** Those who ask at once are given the same list, so its text is made once. */
  #standing(generations: readonly Generation[]): string {
    if (generations !== this.#generations) {
      this.#generations = generations;
      this.#idsOfThem = idsOf(generations.map(({ id }) => id));
    }
    return this.#idsOfThem;
  }

  #opened(header: EnvelopeHeader, bytes: Buffer | undefined): OpenedEnvelope {
    const rows = bytes && splitRows(bytes, header.rows, this.#rowTypes);
    return rows === undefined ? { poisoned: 'corrupt' } : { header, rows };
  }
}

const flawOf = (envelope: Buffer): PoisonReason | undefined => {
  if (!beginsWith(envelope, MAGIC)) return 'foreign';
  if (envelope[MAGIC.length] !== ENVELOPE_FORMAT) return 'format';
  const isWhole =
    envelope.length >= BODY_AT &&
    beginsWith(envelope, FRONT) &&
    checksum(envelope) === envelope.readUInt32LE(CHECKSUM_AT);
  if (!isWhole) return 'corrupt';
  return ((envelope[FLAGS_AT] as number) & ~SEALED) in PACKINGS ? undefined : 'format';
};

const beginsWith = (envelope: Buffer, front: Buffer): boolean => {
  for (let at = 0; at < front.length; at += 1) {
    if (envelope[at] !== front[at]) return false;
  }
  return true;
};

const checksum = (envelope: Buffer): number => crc32(envelope.subarray(FLAGS_AT));

/** What a sealed value belongs to. */
const boundTo = (
  front: Buffer,
  { name, version }: Pick<StoredClass, 'name' | 'version'>,
  key: string,
): Buffer =>
  Buffer.concat([
    front.subarray(0, CHECKSUM_AT),
    front.subarray(FLAGS_AT, BODY_AT),
    Buffer.from(JSON.stringify([key, name, version])),
  ]);

/** Ids are never used again, so those alone say which generations stood. As JSON, for ids hold nothing to escape. */
const idsOf = (ids: readonly string[]): string =>
  ids.length === 0 ? '[]' : `["${ids.join('","')}"]`;

/** Cuts a run of BSON documents at their lengths. Undefined unless each of them can be decoded. */
const splitRows = (bytes: Buffer, count: number, types: RowTypes): Buffer[] | undefined => {
  const rows: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = at + 4 <= bytes.length ? at + bytes.readInt32LE(at) : -1;
    if (end <= at || end > bytes.length || !checkDocument(bytes, types, at, end)) return undefined;
    rows.push(bytes.subarray(at, end));
    at = end;
  }
  return rows.length === count ? rows : undefined;
};

/** The number of bytes from which rows are compressed. */
const readCompress = (compress: EnvelopeOptions['compress']): number => {
  if (compress === false) return Number.POSITIVE_INFINITY;
  if (compress !== true) refuseUnknown('compress', compress, ['minBytes']);
  const { minBytes } = compress === true ? {} : (compress as { readonly minBytes?: unknown });
  return readNumber('compress.minBytes', minBytes, ENVELOPE_DEFAULTS.compressMinBytes, {
    min: 256,
    max: 1024 ** 3,
    unit: 'bytes',
  });
};
