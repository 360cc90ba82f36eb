import { promisify } from 'node:util';
import zlib from 'node:zlib';

/** How rows are compressed. */
export type Packing = 'none' | 'deflate' | 'zstd';

const deflate = promisify(zlib.deflateRaw);
const inflate = promisify(zlib.inflateRaw);
/** Not every Node has it. */
const zstd =
  typeof zlib.zstdCompress === 'function'
    ? { compress: promisify(zlib.zstdCompress), decompress: promisify(zlib.zstdDecompress) }
    : undefined;

const ZSTD_QUICK = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };
const LEAST_CHUNK = 64;

/** The rows as they are, if that is no longer. Beside the event loop, which large results would hold up. */
export const pack = async (
  rows: Buffer,
): Promise<{ readonly packing: Packing; readonly bytes: Buffer }> => {
  const packing = zstd === undefined ? 'deflate' : 'zstd';
  const bytes =
    zstd === undefined ? await deflate(rows, { level: 1 }) : await zstd.compress(rows, ZSTD_QUICK);
  return bytes.length < rows.length ? { packing, bytes } : { packing: 'none', bytes: rows };
};

/** @returns undefined unless exactly `length` bytes come out; no more than those are ever made */
export const unpack = async (
  bytes: Uint8Array,
  packing: Exclude<Packing, 'none'>,
  length: number,
): Promise<Buffer | undefined> => {
  // One chunk of just that size, so that the result holds on to no more memory.
  const limits = { maxOutputLength: length, chunkSize: Math.max(LEAST_CHUNK, length) };
  try {
    const unpacked =
      packing === 'deflate' ? await inflate(bytes, limits) : await zstd?.decompress(bytes, limits);
    return unpacked?.length === length ? unpacked : undefined;
  } catch {
    return undefined;
  }
};
