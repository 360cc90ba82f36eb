import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';

const SUBTYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 128, 255];

const binary = (subtype: number): Binary => {
  if (subtype === 3 || subtype === 4) return new Binary(Buffer.alloc(16, 7), subtype);
  // The first byte of a vector says what its numbers are, the second how many bits are unused.
  if (subtype === 9) return new Binary(Buffer.from([3, 0, 1, 2]), subtype);
  return new Binary(Buffer.from('the bytes'), subtype);
};

/** A value for each thing that could be bent on its way through the tiers. */
export const EVERY_TYPE: Readonly<Record<string, unknown>> = {
  objectId: new ObjectId('0123456789abcdef01234567'),
  objectIdAsText: '0123456789abcdef01234567',
  dateBefore1970: new Date(-62_135_596_800_000),
  dateRangeEnds: [new Date(8.64e15), new Date(-8.64e15), new Date(-1), new Date(0)],
  decimals: [Decimal128.fromString('1.0'), Decimal128.fromString('1.00')],
  decimalSpecial: ['NaN', 'Infinity', '-0', '1E+6144'].map((text) => Decimal128.fromString(text)),
  longs: [Long.MAX_VALUE, Long.MIN_VALUE, Long.fromString('9007199254740993'), Long.fromInt(5)],
  oneAsThree: [new Int32(1), new Double(1), Long.fromInt(1)],
  zeros: [new Int32(0), new Double(0), new Double(-0), Long.fromInt(0)],
  doubles: [Number.NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308],
  ...Object.fromEntries(SUBTYPES.map((subtype) => [`binary${subtype}`, binary(subtype)])),
  emptyBinary: new Binary(Buffer.alloc(0), 0),
  uuid: new UUID('00112233-4455-6677-8899-aabbccddeeff'),
  timestamp: new Timestamp({ t: 4_294_967_295, i: 4_294_967_295 }),
  regExps: [/^a.b$/i, /a/, new BSONRegExp('x y', 'imsx'), new BSONRegExp('a', 's')],
  minKey: new MinKey(),
  maxKey: new MaxKey(),
  nullBesideMissing: [{ field: null }, {}],
  nested: [[[[]]], [{ a: [{ b: [] }] }], {}, [null, [null]]],
  keyOrder: { z: 1, a: 2, 10: 3, m: { y: 1, b: 2 } },
  oddKeys: { 'a.b': 1, $c: 2, '': 3, ключ: 4, '.': 5 },
  strings: ['', 'nul\u0000inside', '𝒳 astral 🎉', 'é vs e\u0301'],
  dbRef: new DBRef('users', new ObjectId('0123456789abcdef01234567'), 'shop'),
  code: new Code('f()'),
  codeWithScope: new Code('f()', { a: 1 }),
  symbol: new BSONSymbol('old'),
  booleans: [true, false],
};
