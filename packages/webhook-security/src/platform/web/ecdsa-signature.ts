import { DER, readDerList, readUnsigned, writeDer, writeUnsigned } from './der.js';

/** Half of a signature on P-256. */
const HALF = 32;

/** The two numbers one behind the other, as WebCrypto has them; undefined where that is not strict DER. */
export function rawSignature(der: Uint8Array): Uint8Array | undefined {
  const values = readDerList(der);
  const [r, s] = [readUnsigned(values?.[0]), readUnsigned(values?.[1])];
  if (values?.length !== 2 || r === undefined || s === undefined) return undefined;
  if (r.length > HALF || s.length > HALF) return undefined;
  const raw = new Uint8Array(2 * HALF);
  raw.set(r, HALF - r.length);
  raw.set(s, 2 * HALF - s.length);
  return raw;
}

export function derSignature(raw: Uint8Array): Uint8Array {
  return writeDer(
    DER.list,
    writeUnsigned(raw.subarray(0, HALF)),
    writeUnsigned(raw.subarray(HALF)),
  );
}
