import { runInNewContext } from 'node:vm';
import { BSON, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { FILTER, LITERAL, place, VARIABLES } from './place.js';
import { type Noted, QuestionWriter, type WriterOptions } from './question-writer.js';

const write = (value: unknown, of = LITERAL, options: Partial<WriterOptions> = {}) => {
  const writer = new QuestionWriter({ undefinedAs: 'null', ...options });
  writer.add('value', value, of);
  return writer.text;
};
const refusal = (value: unknown): unknown => {
  try {
    return write(value);
  } catch (error) {
    return (error as { details: unknown }).details;
  }
};

describe('what is written', () => {
  it.each<[unknown, string]>([
    ['abc', 's3:abc'],
    [5, 'i5;'],
    [-5, 'i-5;'],
    [0, 'i0;'],
    [-0, 'd-0;'],
    [2 ** 31, 'd2147483648;'],
    [1.5, 'd1.5;'],
    [true, 't'],
    [false, 'f'],
    [null, 'z'],
    [undefined, 'z'],
    [1n, 'l1,0;'],
    [2n ** 32n, 'l0,1;'],
    [new Date(5), 'D5;'],
    [Buffer.from('abc'), 'b0:4:YWJj'],
    [/a/, 'r1:a0:'],
    [/a/dgimu, 'r1:a3:ims'],
    [[1, [2]], '[i1;[i2;]]'],
    [{ b: 1, a: { c: 2 } }, '{1:bi1;1:a{1:ci2;}}'],
    [new Map([['b', 1]]), '{1:bi1;}'],
    [new BSON.Int32(5), 'i5;'],
    [new BSON.Code('x'), 'c1:xz'],
    [new BSON.Code('x', { a: 1 }), 'c1:x{1:ai1;}'],
    [new BSON.DBRef('a', 5 as never, 'shop'), '{4:$refs1:a3:$idi5;3:$dbs4:shop}'],
    [{ toBSON: () => ({ a: 1 }) }, '{1:ai1;}'],
    [{ toBSON: () => [1] }, '[i1;]'],
    [{ toBSON: () => 5 }, 'i5;'],
    [{ toBSON: () => null }, 'z'],
    [{ toBSON: () => undefined }, 'z'],
    [{ toBSON: 'x' }, '{6:toBSONs1:x}'],
    [Object.create(null), '{}'],
    // Of another realm, and as plain as ours.
    [runInNewContext('({})'), '{}'],
    [{}, '{}'],
  ])('of %o is %s', (value, text) => {
    expect(write(value)).toBe(text);
  });

  it('follows what was there already, and says where it begins', () => {
    const writer = new QuestionWriter({ undefinedAs: 'null' }, 'head|');
    expect([writer.add('a', 1, LITERAL), writer.add('b', [], LITERAL)]).toEqual([5, 8]);
    expect(writer.text).toBe('head|i1;[]');
    expect(new QuestionWriter({ undefinedAs: 'null' }).text).toBe('');
  });

  it('is in one order where the order means nothing, however many names there are', () => {
    const free = place({ order: 'free', names: LITERAL });
    for (const count of [2, 3, 19, 20, 21, 40]) {
      const names = Array.from({ length: count }, (_, index) => `n${(index * 7) % count}${index}`);
      const given = Object.fromEntries(names.map((name) => [name, 1]));
      const sorted = Object.fromEntries(names.toSorted().map((name) => [name, 1]));
      expect(write(given, free)).toBe(write(sorted));
      expect(write(new Map(Object.entries(given)), free)).toBe(write(sorted));
      expect(Object.keys(given)).toEqual(names);
    }
  });

  it('is in the given order where that counts', () => {
    expect(write({ b: 1, a: 1 })).toBe('{1:bi1;1:ai1;}');
    const filter = (condition: Document) => write({ a: condition }, FILTER);
    expect(filter({ $lt: 2, $gt: 1 })).toBe(filter({ $gt: 1, $lt: 2 }));
    expect(filter({ $ref: 'x', $id: 1 })).not.toBe(filter({ $id: 1, $ref: 'x' }));
    expect(filter({ $lt: 2, gt: 1 })).not.toBe(filter({ gt: 1, $lt: 2 }));
    expect(filter({ $id: 1, $ref: { $b: 1, $a: 1 } })).toBe(
      '{1:a{3:$idi1;4:$ref{2:$bi1;2:$ai1;}}}',
    );
  });
});

describe('a variable', () => {
  const options = {
    onVariable: (text: string) => (text === '$$NOW' ? { $literal: 5 } : undefined),
  };

  it('is written as what stands for it', () => {
    expect(write({ a: '$$NOW', b: '$$x' }, VARIABLES, options)).toBe(
      '{1:a{8:$literali5;}1:bs3:$$x}',
    );
  });

  it('is asked for only where there are any', () => {
    expect(write({ a: '$$NOW' }, LITERAL, options)).toBe('{1:as5:$$NOW}');
    expect(write({ a: '$NOW' }, VARIABLES, { onVariable: () => 5 })).toBe('{1:as4:$NOW}');
    expect(write({ a: 'x$$NOW' }, VARIABLES, { onVariable: () => 5 })).toBe('{1:as6:x$$NOW}');
    expect(write({ a: '$$NOW' }, VARIABLES)).toBe('{1:as5:$$NOW}');
  });
});

describe('a note', () => {
  const noting = place({ names: LITERAL, fields: { id: place({ note: 'id', names: LITERAL }) } });

  it('tells what was written, and the way to it', () => {
    const noted: (Omit<Noted, 'read'> & { readonly read: unknown })[] = [];
    const onNote = (one: Noted) =>
      noted.push({ ...one, path: one.path.slice(0, one.depth + 1), read: one.read() });
    const text = write({ a: 1, id: { b: undefined } }, noting, { onNote });
    expect(text).toBe('{1:ai1;2:id{1:bz}}');
    expect(noted).toEqual([
      {
        note: 'id',
        field: 'id',
        value: { b: undefined },
        path: ['value', 'id'],
        depth: 1,
        read: { b: null },
      },
    ]);
  });

  it('needs nobody who listens', () => {
    expect(write({ id: 5 }, noting)).toBe('{2:idi5;}');
  });

  it('is not made of a field that is left out', () => {
    const onNote = () => expect.fail('noted');
    expect(write({ id: undefined }, noting, { undefinedAs: 'nothing', onNote })).toBe('{}');
  });
});

describe('what cannot be written', () => {
  class Hollow {
    #state = 1;
    get state() {
      return this.#state;
    }
  }

  it.each<[unknown, string, string]>([
    [[1, { a: [() => 1] }], 'value.1.a.0', 'function'],
    [{ a: Symbol('x') }, 'value.a', 'symbol'],
    [{ a: new Map([['b', { c: () => 1 }]]) }, 'value.a.b.c', 'function'],
    [[{ b: 1 }, new BSON.Code('x', { a: () => 1 })], 'value.1.scope.a', 'function'],
    [[{ _bsontype: 'ObjectId', id: new Uint8Array(12) }], 'value.0', 'no value of BSON'],
    // What stands for a value is not asked once more what stands for it.
    [{ toBSON: () => ({ toBSON: () => 5 }) }, 'value.toBSON', 'function'],
    [[{ [Symbol('x')]: 1 }], 'value.0', 'symbol'],
    [[2n ** 63n], 'value.0', 'integer of more than 64 bits'],
    [[new Date(Number.NaN)], 'value.0', 'invalid date'],
    [[new Map([[5, 1]])], 'value.0', 'map with a number as a key'],
    [[/a/s], 'value.0', 'regular expression with the flag s, which BSON lacks'],
    [[/a/y], 'value.0', 'regular expression with the flag y, which BSON lacks'],
    [[new RegExp(String.fromCharCode(0))], 'value.0', 'regular expression with a zero'],
    [[new Set()], 'value.0', 'Set'],
    [[new Hollow()], 'value.0', 'object without fields of its own'],
    [[{ _bsontype: 'ObjectId' }], 'value.0', 'no value of BSON'],
    [
      [{ _bsontype: 'Money', [Symbol.for('@@mdb.bson.version')]: 7 }],
      'value.0',
      'no value of BSON',
    ],
    [['x\ud800'], 'value.0', 'half of a character'],
    [{ 'a\0b': 1 }, 'value', 'name with a zero'],
    [[{ a: { '\ud800': 1 } }], 'value.0.a', 'name with half of a character'],
  ])('is refused with its path: %o', (value, path, kind) => {
    expect(refusal(value)).toEqual({ path, kind });
  });

  it('is named by the part that it is of', () => {
    const writer = new QuestionWriter({ undefinedAs: 'null' });
    writer.add('pipeline', [{ a: 1 }], LITERAL);
    expect(() => writer.add('options', { b: () => 1 }, LITERAL)).toThrow("'options.b'");
    expect(() => writer.add('let', { b: '\ud800' }, LITERAL)).toThrow("'let.b'");
  });

  it('is not a zero within a text', () => {
    expect(write(['a\0b'])).toBe('[s3:a\0b]');
  });

  it('is what is nested deeper than MongoDB takes, with the begin of a long path', () => {
    const nested = (levels: number, inner: unknown): unknown =>
      levels === 0 ? inner : { a: nested(levels - 1, inner) };
    const path = (names: number) => ['value', ...Array(names).fill('a')].join('.');
    expect(write(nested(200, {}))).toHaveLength(200 * 5 + 2);
    expect(refusal(nested(201, {}))).toEqual({
      path: `${path(30)}.…`,
      kind: 'cycle, or more than 200 levels',
    });
    expect(refusal(nested(30, () => 1))).toEqual({ path: path(30), kind: 'function' });
    expect(refusal(nested(31, () => 1))).toEqual({ path: `${path(30)}.…`, kind: 'function' });
  });
});
