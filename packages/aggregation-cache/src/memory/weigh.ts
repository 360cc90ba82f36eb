/** Bytes on the heap of 64-bit V8, measured (see the test) and rounded up. */
const SMALL_OBJECT = 56;
const SLOT = 8;
const HEADER = 16;
/** Beyond so many fields an object may be kept as a hash table, which is counted whether or not it is. */
const MOST_FAST_FIELDS = 16;
const TABLE_ENTRY = 24;
const TABLE = 160;
const ARRAY = 48;
/** Room that an array gets with its first item. */
const FIRST_ITEMS = 17;
const BOXED_NUMBER = 16;
const BIGINT = 24;
const TEXT = 24;
const DATE = 96;
const VIEW = 104;
/** What BSON's own values weigh beside their bytes, where their fields do not say so. */
const BSON_VALUES: ReadonlyMap<unknown, number> = new Map([
  ['ObjectId', 72],
  ['Decimal128', 160],
  ['Binary', 152],
]);

/**
 * About how many bytes a decoded value takes: many times its BSON where it has small fields, dates or many
 * fields, and about as much where it is mostly text. A look at each value, so that a bound in bytes is one.
 */
export const weigh = (value: unknown): number => {
  switch (typeof value) {
    case 'string':
      return TEXT + value.length * (isWide(value) ? 2 : 1);
    case 'number':
      // Small integers lie in the field itself.
      return Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 0 : BOXED_NUMBER;
    case 'bigint':
      return BIGINT;
    case 'object':
      return value === null ? 0 : weighObject(value);
    default:
      return 0;
  }
};

const weighObject = (value: object): number => {
  if (Array.isArray(value)) {
    const room = value.length === 0 ? 0 : Math.max(FIRST_ITEMS, value.length * 1.4);
    return sum(value, ARRAY + SLOT * room);
  }
  if (value instanceof Date) return DATE;
  if (ArrayBuffer.isView(value)) return VIEW + value.byteLength;
  const { _bsontype: type, position = 0 } = value as { _bsontype?: unknown; position?: number };
  const known = BSON_VALUES.get(type);
  // `position` is where the bytes of a binary end.
  if (known !== undefined) return known + position;
  const fields = Object.values(value);
  return sum(fields, weighFields(fields.length));
};

const weighFields = (count: number): number => {
  if (count <= 4) return SMALL_OBJECT;
  if (count <= MOST_FAST_FIELDS) return SMALL_OBJECT + HEADER + SLOT * count;
  return TABLE + TABLE_ENTRY * 2 ** Math.ceil(Math.log2(1.5 * count));
};

const sum = (values: readonly unknown[], start: number): number =>
  values.reduce<number>((bytes, value) => bytes + weigh(value), start);

/** Whether it has a letter that needs two bytes; then all have two. */
const isWide = (text: string): boolean => /[^\0-\xff]/.test(text);
