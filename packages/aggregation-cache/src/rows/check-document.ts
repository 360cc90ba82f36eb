import { isUtf8 } from 'node:buffer';
import { BSON } from 'mongodb';
import type { RowTypes } from './decode-rows.js';

/** Bytes of the types whose values all have one length; -1 for the others, and for what is no type. */
const LENGTHS = new Int8Array(256).fill(-1);
for (const [type, length] of [
  [0x01, 8],
  [0x06, 0],
  [0x07, 12],
  [0x09, 8],
  [0x0a, 0],
  [0x10, 4],
  [0x11, 8],
  [0x12, 8],
  [0x13, 16],
  [0x7f, 0],
  [0xff, 0],
] as const) {
  LENGTHS[type] = length;
}

const SHORTEST_DOCUMENT = 5;
/** Documents inside one another. No server makes more than 250, and what walks through rows has only so much stack. */
const DEEPEST = 256;
const OBJECT_ID_LENGTH = 12;
/** From here on the native check is quicker than a loop. */
const LONG_TEXT = 100;

/**
 * Whether bytes are one document that can be decoded, found out without decoding it: lengths, types and ends
 * all fit, and nothing is deeper than a server makes it. Never throws, whatever they are.
 */
export const checkDocument = (
  bytes: Uint8Array,
  types: RowTypes = {},
  start = 0,
  end = bytes.length,
): boolean => {
  if (!isDocumentOf(bytes, start, end) || int32(bytes, start) !== end - start) return false;
  /** Ends of the documents around the one under way. */
  const outer: number[] = [];
  let limit = end;
  let at = start + 4;
  while (at < limit) {
    const type = bytes[at] as number;
    at += 1;
    if (type === 0) {
      if (at !== limit) return false;
      const next = outer.pop();
      if (next === undefined) return true;
      limit = next;
      continue;
    }
    at = afterText(bytes, at, limit);
    const length = LENGTHS[type] as number;
    if (length >= 0) {
      at += length;
    } else if (type === 0x03 || type === 0x04) {
      const inner = at + int32(bytes, at);
      if (!isDocumentOf(bytes, at, inner) || inner >= limit || outer.length >= DEEPEST)
        return false;
      outer.push(limit);
      limit = inner;
      at += 4;
    } else if (type === 0x0f) {
      const scope = scopeOf(bytes, at, limit, types);
      if (scope === undefined || outer.length >= DEEPEST) return false;
      outer.push(limit);
      limit = scope.end;
      at = scope.start + 4;
    } else {
      at = afterValue(bytes, type, at, limit, types);
    }
  }
  return false;
};

/** Where a value of another length ends; beyond every end if it is none. */
const afterValue = (
  bytes: Uint8Array,
  type: number,
  at: number,
  limit: number,
  types: RowTypes,
): number => {
  switch (type) {
    case 0x08:
      return (bytes[at] as number) > 1 ? NOWHERE : at + 1;
    case 0x02:
    case 0x0d:
    case 0x0e:
      return afterString(bytes, at, limit, types);
    case 0x0c:
      return afterString(bytes, at, limit, types) + OBJECT_ID_LENGTH;
    case 0x05:
      return afterBinary(bytes, at, limit);
    case 0x0b:
      return afterRegExp(bytes, at, limit, types);
    default:
      return NOWHERE;
  }
};

/** Beyond every end, and small enough for arithmetic to stay with small integers. */
const NOWHERE = 2 ** 31 - 64;

const int32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24);

const isDocumentOf = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= SHORTEST_DOCUMENT && end <= bytes.length && bytes[end - 1] === 0;

/** After a text that ends with a zero. */
const afterText = (bytes: Uint8Array, start: number, limit: number): number => {
  let at = start;
  while (at < limit && bytes[at] !== 0) at += 1;
  return at < limit ? at + 1 : NOWHERE;
};

/** After a text that begins with its length. */
const afterString = (
  bytes: Uint8Array,
  at: number,
  limit: number,
  { enableUtf8Validation }: RowTypes,
): number => {
  if (at + 4 > limit) return NOWHERE;
  const length = int32(bytes, at);
  const start = at + 4;
  const end = start + length;
  if (length <= 0 || end >= limit || bytes[end - 1] !== 0) return NOWHERE;
  return enableUtf8Validation === false || isText(bytes, start, end - 1) ? end : NOWHERE;
};

const isText = (bytes: Uint8Array, start: number, end: number): boolean => {
  if (end - start > LONG_TEXT) return isUtf8(bytes.subarray(start, end));
  for (let at = start; at < end; at += 1) {
    if ((bytes[at] as number) > 0x7f) return isUtf8(bytes.subarray(start, end));
  }
  return true;
};

const afterBinary = (bytes: Uint8Array, at: number, limit: number): number => {
  if (at + 5 > limit) return NOWHERE;
  const length = int32(bytes, at);
  const end = at + 5 + length;
  if (length < 0) return NOWHERE;
  // The old kind has its length once more.
  const isOld = bytes[at + 4] === 0x02;
  return isOld && (end > limit || length < 4 || int32(bytes, at + 5) !== length - 4)
    ? NOWHERE
    : end;
};

/** Only the decoder itself knows which of them it can make one of; there are few. */
const afterRegExp = (bytes: Uint8Array, at: number, limit: number, types: RowTypes): number => {
  const end = afterText(bytes, afterText(bytes, at, limit), limit);
  if (end >= limit) return NOWHERE;
  const document = Buffer.concat([
    Uint8Array.of(0, 0, 0, 0, 0x0b, 0),
    bytes.subarray(at, end),
    Uint8Array.of(0),
  ]);
  document.writeInt32LE(document.length);
  try {
    BSON.deserialize(document, { bsonRegExp: types.bsonRegExp ?? false });
    return end;
  } catch {
    return NOWHERE;
  }
};

/** The document that follows the text of a code with scope, if both and their common length fit. */
const scopeOf = (
  bytes: Uint8Array,
  at: number,
  limit: number,
  types: RowTypes,
): { readonly start: number; readonly end: number } | undefined => {
  const start = afterString(bytes, at + 4, limit, types);
  if (start + SHORTEST_DOCUMENT > limit) return undefined;
  const end = start + int32(bytes, start);
  const fits = isDocumentOf(bytes, start, end) && end < limit && int32(bytes, at) === end - at;
  return fits ? { start, end } : undefined;
};
