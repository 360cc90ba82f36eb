import { createHash } from 'node:crypto';

/**
 * Rows as bytes, in the smallest thing that holds bytes: a text of one-byte letters has 16 bytes beside them,
 * where a buffer of its own has some 250. Larger ones are buffers, outside of the heap.
 */
export type PackedRows = string | Buffer;

/** From here on what a buffer has beside its bytes does not matter. */
const BUFFER_FROM = 16 * 1024;

const TEXT_BYTES = 20;
const BUFFER_BYTES = 256;

/** A copy of its own: rows as they come are views of a whole reply, which one of them would keep alive. */
export const packRows = (rows: readonly Uint8Array[], bytes: number): PackedRows => {
  if (bytes === 0) return '';
  const packed = bytes < BUFFER_FROM ? scratch(bytes) : Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const row of rows) {
    packed.set(row, at);
    at += row.byteLength;
  }
  return bytes < BUFFER_FROM ? packed.toString('latin1', 0, bytes) : packed;
};

/** Each row's own part. A row is a BSON document, which begins with its length. */
export const unpackRows = (packed: PackedRows): Uint8Array[] => {
  const buffer = typeof packed === 'string' ? Buffer.from(packed, 'latin1') : packed;
  const rows: Uint8Array[] = [];
  for (let at = 0; at < buffer.length; ) {
    const end = at + buffer.readInt32LE(at);
    rows.push(buffer.subarray(at, end));
    at = end;
  }
  return rows;
};

/** Stands for rows whose bytes are not kept. */
export const digestOfRows = (rows: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(row);
  return hash.digest('base64url');
};

/** About what so many bytes take, packed. */
export const packedBytes = (bytes: number): number =>
  bytes + (bytes < BUFFER_FROM ? TEXT_BYTES : BUFFER_BYTES);

let shared: Buffer | undefined;

const scratch = (bytes: number): Buffer => {
  shared ??= Buffer.allocUnsafeSlow(BUFFER_FROM);
  return shared.subarray(0, bytes);
};
