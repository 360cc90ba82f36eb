import fc from 'fast-check';
import { Binary, BSON, UUID } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { LITERAL } from './place.js';
import { readText } from './question-text.js';
import { QuestionWriter } from './question-writer.js';

const written = (value: unknown) => {
  const writer = new QuestionWriter({ undefinedAs: 'null' }, 'header');
  const begin = writer.add('value', value, LITERAL);
  return { text: writer.text, copy: readText(writer.text, begin) };
};
const bytesOf = (value: unknown) =>
  Buffer.from(BSON.serialize({ value }, { ignoreUndefined: false })).toString('hex');

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'grapheme' });
const name = text.filter((one) => !one.includes('\0'));
const leaf = fc.oneof(
  fc.constantFrom(null, undefined, true, false, 0, -0, Number.NaN, Infinity, -Infinity, ''),
  fc.double(),
  int32,
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  text,
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => new BSON.ObjectId(id)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new BSON.Decimal128(bytes)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => new UUID(id)),
  fc
    .tuple(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 128))
    .map(([bytes, subtype]) => new Binary(bytes, subtype)),
  fc
    .tuple(int32, int32, fc.boolean())
    .map(([low, high, unsigned]) => new BSON.Long(low, high, unsigned)),
  fc.double().map((one) => new BSON.Double(one)),
  int32.map((one) => new BSON.Int32(one)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new BSON.Timestamp({ t, i })),
  fc.constantFrom(/a/, /a/i, /a/g, /a/im, /é\n/u, new BSON.BSONRegExp('^a', 'mix')),
  name.map((one) => new BSON.BSONSymbol(one)),
  fc
    .tuple(name, fc.constantFrom(undefined, null, {}, { a: 1 }))
    .map(([code, scope]) => new BSON.Code(code, scope)),
  fc.constantFrom(new BSON.MinKey(), new BSON.MaxKey(), new BSON.DBRef('a', new BSON.ObjectId())),
);
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(name, fc.constantFrom('__proto__', '1', '02', '$ref', '$id', '', 'a.b')),
      tie('value'),
      { maxKeys: 4, noNullPrototype: false },
    ),
    fc
      .array(fc.tuple(fc.oneof(name, fc.constantFrom('2', '1', 'x')), tie('value')), {
        maxLength: 4,
      })
      .map((entries) => new Map(entries)),
  ),
})).value;

describe('for any value', () => {
  it('what is read from its text is sent as the value itself is', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(bytesOf(written(value).copy)).toBe(bytesOf(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it('two texts are the same exactly if the same is sent', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        expect(written(one).text === written(other).text).toBe(bytesOf(one) === bytesOf(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it('what its owner does later changes nothing of it', () => {
    const bytes = Buffer.from('one');
    const id = new BSON.ObjectId();
    const date = new Date(0);
    const map = new Map([['a', 1]]);
    const value = { bytes, id, date, map };
    const before = bytesOf(value);
    const { copy } = written(value);
    bytes.fill(1);
    id.id.fill(1);
    date.setTime(1);
    map.set('a', 2);
    expect(bytesOf(copy)).toBe(before);
  });
});

describe('what is read', () => {
  it.each<[string, unknown]>([
    ['z', null],
    ['u', undefined],
    ['t', true],
    ['f', false],
    ['<', new BSON.MinKey()],
    ['>', new BSON.MaxKey()],
    ['i-5;', -5],
    ['d1.5;', new BSON.Double(1.5)],
    ['D5;', new Date(5)],
    ['l-1,1;', new BSON.Long(-1, 1)],
    ['T-1,-2;', new BSON.Timestamp({ t: 0xfffffffe, i: 0xffffffff })],
    [`o${'0f'.repeat(12)}`, new BSON.ObjectId('0f'.repeat(12))],
    [`m${'01'.repeat(16)}`, new BSON.Decimal128(Buffer.alloc(16, 1))],
    ['s3:a:b', 'a:b'],
    ['y1:a', new BSON.BSONSymbol('a')],
    ['r2:^a1:i', new BSON.BSONRegExp('^a', 'i')],
    ['c1:xz', new BSON.Code('x', null)],
    ['c1:x{1:ai1;}', new BSON.Code('x', { a: 1 })],
    ['b5:4:YWI=', new Binary(Buffer.from('ab'), 5)],
    ['[]', []],
    ['[i1;[t]]', [1, [true]]],
    ['{}', {}],
    ['{1:bi1;1:a{}}', { b: 1, a: {} }],
  ])('from %s is the value, and what follows is left alone', (text, value) => {
    expect(readText(`head${text}i9;`, 4)).toStrictEqual(value);
  });

  it('is a map where an object would put a name first', () => {
    const entries = [
      ['b', 1],
      ['12', 2],
    ];
    expect(readText('{1:bi1;2:12i2;}', 0)).toStrictEqual(new Map(entries as [string, number][]));
    expect(readText('{3:a12i1;3:12ai2;}', 0)).toStrictEqual({ a12: 1, '12a': 2 });
  });

  it('is nothing that nobody wrote', () => {
    expect(() => readText('?', 0)).toThrow("No value begins with '?'.");
    expect(() => readText('', 0)).toThrow("No value begins with ''.");
  });
});
