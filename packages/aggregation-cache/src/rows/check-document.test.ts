import fc from 'fast-check';
import {
  Binary,
  BSON,
  BSONRegExp,
  Code,
  DBRef,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import { describe, expect, it } from 'vitest';
import { checkDocument } from './check-document.js';
import { type RowTypes, rowDecoder } from './decode-rows.js';

const decodes = (bytes: Uint8Array, types: RowTypes): boolean => {
  const { enableUtf8Validation = true, ...options } = types;
  try {
    BSON.deserialize(bytes, { ...options, validation: { utf8: enableUtf8Validation } });
    return true;
  } catch {
    return false;
  }
};

const bytesOf = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

const scalars = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ maxLength: 12 }),
  fc.boolean(),
  fc.constantFrom(null, undefined, new MinKey(), new MaxKey(), new UUID()),
  fc.integer().map((number) => new Int32(number)),
  fc.double().map((number) => new Double(number)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((number) => Long.fromBigInt(number)),
  fc.date({ noInvalidDate: true }),
  bytesOf(12).map((bytes) => new ObjectId(bytes)),
  bytesOf(16).map((bytes) => new Decimal128(bytes)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => new Binary(bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(2, 4, 5, 128))
    .map(([bytes, type]) => new Binary(bytes, type)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom(
    new BSONRegExp('^a.*b$', 'im'),
    // None that JavaScript knows.
    new BSONRegExp('(?i)a', ''),
    new BSONRegExp('[', ''),
    new Code('return 1'),
    new Code('return a', { a: 1, b: { c: 'x' } }),
    new DBRef('a', new ObjectId()),
  ),
);

const { document: documents } = fc.letrec<{ value: unknown; document: Document }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('document'),
  ),
  document: fc.dictionary(
    fc.string({ maxLength: 8 }).filter((name) => !name.includes('\0')),
    tie('value'),
    { maxKeys: 6 },
  ),
}));

const written = documents.map((one) => BSON.serialize(one, { ignoreUndefined: false }));

/** A document with some of its bytes changed, put in or left out, and a length that may fit all the same. */
const mangled = fc
  .tuple(
    written,
    fc.array(
      fc.record({
        at: fc.nat(),
        how: fc.constantFrom('set', 'add', 'insert', 'remove'),
        byte: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 255 })),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    fc.boolean(),
  )
  .map(([document, changes, fits]) => {
    const bytes = [...document];
    for (const { at, how, byte } of changes) {
      const index = at % (bytes.length + 1);
      if (how === 'set' && index < bytes.length) bytes[index] = byte;
      if (how === 'add' && index < bytes.length) bytes[index] = ((bytes[index] ?? 0) + 1) & 0xff;
      if (how === 'insert') bytes.splice(index, 0, byte);
      if (how === 'remove') bytes.splice(index, 1);
    }
    const changed = Buffer.from(bytes);
    if (fits && changed.length >= 4) changed.writeInt32LE(changed.length);
    return changed;
  });

const types: fc.Arbitrary<RowTypes> = fc.constantFrom<RowTypes>(
  {},
  { bsonRegExp: true },
  { enableUtf8Validation: false },
);

describe('the check of a document', () => {
  it('passes whatever the decoder takes, and nothing else: documents as they are written', () => {
    fc.assert(
      fc.property(written, types, (bytes, options) => {
        expect(checkDocument(bytes, options)).toBe(decodes(bytes, options));
      }),
      { numRuns: 500 },
    );
  });

  it('passes whatever the decoder takes, and nothing else: documents that were changed', () => {
    let passed = 0;
    fc.assert(
      fc.property(mangled, types, (bytes, options) => {
        const verdict = checkDocument(bytes, options);
        expect(verdict).toBe(decodes(bytes, options));
        if (verdict) passed += 1;
      }),
      { numRuns: 3_000 },
    );
    // Both answers were compared.
    expect(passed).toBeGreaterThan(100);
    expect(passed).toBeLessThan(2_900);
  });

  it('passes no document of any other length', () => {
    fc.assert(
      fc.property(written, fc.nat(), (bytes, at) => {
        expect(checkDocument(bytes.subarray(0, at % bytes.length))).toBe(false);
        expect(checkDocument(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe(false);
      }),
    );
  });

  it('looks between the places it is given, and nowhere else', () => {
    const document = BSON.serialize({ a: 'x', b: [1, { c: null }] });
    const around = Buffer.concat([Buffer.alloc(3, 7), document, Buffer.alloc(4, 7)]);
    expect(checkDocument(around, {}, 3, 3 + document.length)).toBe(true);
    expect(checkDocument(around, {}, 3, 4 + document.length)).toBe(false);
    expect(checkDocument(around, {}, 2, 3 + document.length)).toBe(false);
  });

  it('passes what is as deep as a server makes it, whole to its last byte', () => {
    const bytes = nested(256);
    expect(checkDocument(bytes)).toBe(true);
    expect(() => rowDecoder({})([bytes])).not.toThrow();
    bytes[bytes.length - 200] = 1;
    expect(checkDocument(bytes)).toBe(false);
  });

  it.each([257, 50_000])(
    'passes nothing deeper, for which the stack is too small: %i',
    (levels) => {
      expect(checkDocument(nested(levels))).toBe(false);
    },
  );

  it('takes the scope of a code for as deep as a document', () => {
    const scope = BSON.deserialize(nested(256), { promoteValues: false });
    expect(checkDocument(BSON.serialize({ code: new Code('f()', scope.a as Document) }))).toBe(
      true,
    );
    expect(checkDocument(BSON.serialize({ code: new Code('f()', scope) }))).toBe(false);
  });
});

/** So many documents one inside the other, and an empty one in the last. */
const nested = (levels: number): Buffer => {
  const bytes = Buffer.alloc(levels * 8 + 5);
  for (let level = 0; level <= levels; level += 1) {
    bytes.writeInt32LE(bytes.length - 8 * level, 7 * level);
    if (level < levels) bytes.set([0x03, 0x61, 0], 7 * level + 4);
  }
  return bytes;
};
