import { BSON } from 'mongodb';

const UNDEFINED = 0x06;
const DATE = 0x09;
const DOCUMENT = 0x03;
const LIST = 0x04;

/** A value that was decoded as it is stored, as the row `{ v: value }`, which is decoded to the same again. */
export const valueRow = (value: unknown): Uint8Array => documentOf([['v', value]]);

const documentOf = (fields: readonly (readonly [string, unknown])[]): Buffer => {
  const parts = fields.map(([name, value]) => fieldOf(name, value));
  const length = parts.reduce((sum, part) => sum + part.length, 5);
  const document = Buffer.concat([Buffer.alloc(4), ...parts], length);
  document.writeInt32LE(length);
  return document;
};

const fieldOf = (name: string, value: unknown): Uint8Array => {
  // Old values, and times beyond what a `Date` can be: the driver would make null and 1970 of them.
  if (value === undefined) return ofType(UNDEFINED, written(name, null));
  if (value instanceof Date && Number.isNaN(value.getTime())) {
    return ofType(DATE, written(name, BSON.Long.MAX_VALUE));
  }
  if (Array.isArray(value)) return nested(LIST, name, value);
  return isPlain(value) ? nested(DOCUMENT, name, value) : written(name, value);
};

const written = (name: string, value: unknown): Uint8Array =>
  BSON.serialize({ [name]: value }, { ignoreUndefined: false }).subarray(4, -1);

const ofType = (type: number, field: Uint8Array): Uint8Array => {
  field[0] = type;
  return field;
};

const nested = (type: number, name: string, value: object): Uint8Array =>
  Buffer.concat([Uint8Array.of(type), Buffer.from(`${name}\0`), documentOf(Object.entries(value))]);

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
