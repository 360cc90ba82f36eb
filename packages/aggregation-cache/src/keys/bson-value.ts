import type { Document } from 'mongodb';

/** Set by every bson from version 5 on. A text from outside, parsed as JSON, cannot carry it. */
const VERSION = Symbol.for('@@mdb.bson.version');

type Fields = Readonly<Record<string, unknown>>;

/** Whether any copy, of any version, of bson made it. */
export const isOfBson = (value: object): value is Fields =>
  typeof (value as { readonly [VERSION]?: unknown })[VERSION] === 'number';

/** A value of BSON as a text (see `question-text.ts`). Undefined for what only claims to be one. */
export const bsonText = (value: Fields): string | undefined => {
  const type = value._bsontype as string;
  return Object.hasOwn(TEXTS, type) ? TEXTS[type]?.(value) : undefined;
};

/** A text that says how long it is, so that nothing in it can end it. */
export const word = (text: string): string => `${text.length}:${text}`;

export const longText = (low: number, high: number): string => `l${low | 0},${high | 0};`;

/** The digits mean exactly this double; -0 would lose its sign. */
export const doubleText = (value: number): string => `d${Object.is(value, -0) ? '-0' : value};`;

/** Plain bytes are subtype 0, as the driver sends them. */
export const bytesText = (bytes: Uint8Array, subtype: number): string =>
  `b${subtype}:${word(view(bytes).toString('base64'))}`;

export const regExpText = (pattern: string, flags: readonly string[]): string =>
  `r${word(pattern)}${word([...flags].sort().join(''))}`;

const view = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const isBytes = (value: unknown, length?: number): value is Uint8Array =>
  value instanceof Uint8Array && (length === undefined || value.length === length);

const isHalf = (value: unknown): value is number => Number.isInteger(value);

const TEXTS: Readonly<Record<string, (value: Fields) => string | undefined>> = {
  ObjectId: ({ id }) => (isBytes(id, 12) ? `o${view(id).toString('hex')}` : undefined),
  Decimal128: ({ bytes }) => (isBytes(bytes, 16) ? `m${view(bytes).toString('hex')}` : undefined),
  Long: ({ low, high }) => (isHalf(low) && isHalf(high) ? longText(low, high) : undefined),
  Timestamp: ({ low, high }) =>
    isHalf(low) && isHalf(high) ? `T${low | 0},${high | 0};` : undefined,
  Double: ({ value }) => (typeof value === 'number' ? doubleText(value) : undefined),
  Int32: ({ value }) => (typeof value === 'number' ? `i${value | 0};` : undefined),
  Binary: ({ buffer, position, sub_type: subtype }) =>
    isBytes(buffer) && isHalf(position) && isHalf(subtype)
      ? bytesText(buffer.subarray(0, position), subtype)
      : undefined,
  BSONRegExp: ({ pattern, options }) =>
    typeof pattern === 'string' && !pattern.includes('\0') && typeof options === 'string'
      ? regExpText(pattern, options.split(''))
      : undefined,
  BSONSymbol: ({ value }) => (typeof value === 'string' ? `y${word(value)}` : undefined),
  MinKey: () => '<',
  MaxKey: () => '>',
};

/** A reference is sent as a document of these fields, in this order, without what is undefined. */
export const referenceFields = ({ collection, oid, db, fields }: Fields): Document => {
  const sent = { $ref: collection, $id: oid, $db: db ?? undefined, ...(fields as object) };
  return Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== undefined));
};
