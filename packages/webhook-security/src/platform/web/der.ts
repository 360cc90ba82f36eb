import { joinPieces } from './bytes.js';

export const DER = {
  integer: 0x02,
  bits: 0x03,
  none: 0x05,
  name: 0x06,
  utcTime: 0x17,
  time: 0x18,
  list: 0x30,
} as const;

/** One value in DER. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly whole: Uint8Array;
}

/** The values that follow one another to the end; undefined where that is not strict DER. */
export function readDer(bytes: Uint8Array): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const value = readValue(bytes, at);
    if (value === undefined) return undefined;
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

/** What is in the one list that these bytes are. */
export function readDerList(bytes: Uint8Array): readonly DerValue[] | undefined {
  const [list, ...more] = readDer(bytes) ?? [];
  return list?.tag === DER.list && more.length === 0 ? readDer(list.content) : undefined;
}

function readValue(bytes: Uint8Array, at: number): DerValue | undefined {
  const tag = bytes[at] as number;
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  const isLong = first >= 0x80;
  const count = isLong ? first - 0x80 : 0;
  const start = at + 2 + count;
  if ((isLong && count === 0) || count > 3 || start > bytes.length) return undefined;
  const length = isLong ? readNumber(bytes.subarray(at + 2, start)) : first;
  // A length has one spelling: the shortest.
  if (isLong && (length < 0x80 || bytes[at + 2] === 0)) return undefined;
  const end = start + length;
  if (end > bytes.length) return undefined;
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(at, end) };
}

function readNumber(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

export function writeDer(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = joinPieces(contents);
  const { length } = content;
  if (length < 0x80) return joinPieces([Uint8Array.of(tag, length), content]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return joinPieces([Uint8Array.of(tag, 0x80 + digits.length, ...digits), content]);
}

/** The bytes of a number that is not negative, without zeros before it; undefined for any other integer. */
export function readUnsigned(value: DerValue | undefined): Uint8Array | undefined {
  if (value?.tag !== DER.integer) return undefined;
  const { content } = value;
  const [first, second = 0] = content;
  if (first === undefined || first >= 0x80) return undefined;
  if (first !== 0) return content;
  // A zero in front is there only to keep a number from being negative.
  return content.length === 1 || second >= 0x80 ? content.subarray(1) : undefined;
}

export function writeUnsigned(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start === -1 ? Uint8Array.of(0) : bytes.subarray(start);
  const isNegative = (digits[0] as number) >= 0x80;
  return writeDer(DER.integer, ...(isNegative ? [Uint8Array.of(0), digits] : [digits]));
}
