import { BSON, type Document, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { isAggregationCacheError } from '../errors.js';
import { cacheKey } from './cache-key.js';

describe('keys', () => {
  const match = (filter: Document, more: Document = {}) =>
    cacheKey({ database: 'shop', collection: 'a', pipeline: [{ $match: filter }], ...more });

  it('tell apart database, class, version, tenant and prefix', () => {
    const keys = [
      {},
      { database: 'other' },
      { pipelineClass: { name: 'x', version: 1 } },
      { pipelineClass: { name: 'x', version: 2 } },
      { pipelineClass: { name: 'y', version: 1 } },
      { tenant: 'a' },
      { tenant: 'b' },
      { prefix: 'p' },
    ].map((more) => match({}, more));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('tell apart 0 and -0, and dates before 1970', () => {
    expect(match({ a: 0 })).not.toBe(match({ a: -0 }));
    expect(match({ a: new Date(-1) })).not.toBe(match({ a: new Date(1) }));
  });

  it('are the same for a plain number and the type it becomes', () => {
    expect(match({ a: 1 })).toBe(match({ a: new BSON.Int32(1) }));
    expect(match({ a: 1n })).toBe(match({ a: Long.fromNumber(1) }));
  });

  it('keep the order of embedded documents, which equality looks at', () => {
    expect(match({ a: { x: 1, y: 2 } })).not.toBe(match({ a: { y: 2, x: 1 } }));
  });

  it('find spellings of one question below a join too', () => {
    const joined = (pipeline: Document[]) =>
      cacheKey({
        database: 'shop',
        collection: 'a',
        pipeline: [{ $lookup: { from: 'b', as: 'c', pipeline } }],
      });
    expect(joined([{ $match: { a: 1, b: 2 } }])).toBe(joined([{ $match: { b: 2, a: 1 } }]));
    expect(joined([{ $sort: { a: 1, b: 1 } }])).not.toBe(joined([{ $sort: { b: 1, a: 1 } }]));
  });

  it.each<[string, Document, Document]>([
    ['operators on a field', { a: { $gte: 1, $lt: 5 } }, { a: { $lt: 5, $gte: 1 } }],
    ['fields below $or', { $or: [{ a: 1, b: 2 }] }, { $or: [{ b: 2, a: 1 }] }],
  ])('are shared whatever the order of %s', (_, left, right) => {
    expect(match(left)).toBe(match(right));
  });

  it.each<[string, Document, Document]>([
    ['a reference', { a: { $ref: 'x', $id: 1 } }, { a: { $id: 1, $ref: 'x' } }],
    ['a value under $eq', { a: { $eq: { x: 1, y: 2 } } }, { a: { $eq: { y: 2, x: 1 } } }],
    ['a list', { a: { $all: [1, 2] } }, { a: { $all: [2, 1] } }],
    ['expressions', { $expr: { $lt: ['$a', '$b'] } }, { $expr: { $lt: ['$b', '$a'] } }],
  ])('keep the order in %s', (_, left, right) => {
    expect(match(left)).not.toBe(match(right));
  });

  it('are shared whatever the order of variables, in a join and in the options', () => {
    const joined = (variables: Document, options: Document) =>
      cacheKey({
        database: 'shop',
        collection: 'a',
        pipeline: [{ $lookup: { from: 'b', as: 'c', let: variables, pipeline: [] } }],
        options: { let: options },
      });
    expect(joined({ x: '$a', y: '$b' }, { p: 1, q: 2 })).toBe(
      joined({ y: '$b', x: '$a' }, { q: 2, p: 1 }),
    );
    expect(joined({ x: '$a' }, { p: 1 })).not.toBe(joined({ x: '$b' }, { p: 1 }));
  });

  it('follow the driver in what becomes of undefined', () => {
    const sent = (filter: Document, ignoreUndefined: boolean) => match(filter, { ignoreUndefined });
    expect(sent({ a: undefined }, false)).toBe(sent({ a: null }, false));
    expect(match({ a: undefined })).toBe(match({ a: null }));
    expect(sent({ a: undefined }, true)).toBe(sent({}, true));
    expect(sent({ a: undefined }, true)).not.toBe(sent({ a: null }, true));
  });

  it('take a key named __proto__ for what it is', () => {
    const odd = JSON.parse('{ "__proto__": 1 }') as Document;
    expect(match(odd)).not.toBe(match({}));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each([
    ['a function', () => 1, 'function'],
    ['a symbol', Symbol('x'), 'symbol'],
    ['an invalid date', new Date(Number.NaN), 'invalid date'],
    ['a set', new Set([1]), 'Set'],
    ['a promise', Promise.resolve(1), 'Promise'],
    ['an address', new URL('http://127.0.0.1'), 'URL'],
    ['a boxed number', Object(1), 'Number'],
    ['an error', new Error('x'), 'Error'],
    ['numbers in a list of bytes', new Float64Array(1), 'Float64Array'],
    ['a buffer without a view', new ArrayBuffer(1), 'ArrayBuffer'],
    ['a weak map', new WeakMap(), 'WeakMap'],
    ['a map with numbers as keys', new Map([[1, 1]]), 'map with a number as a key'],
    ['a proxy of a map', new Proxy(new Map(), {}), 'Map'],
    ['symbols as keys', { [Symbol('x')]: 1 }, 'symbol'],
    ['what only claims to be of BSON', { _bsontype: 'ObjectId', id: 'x' }, 'no value of BSON'],
    ['half of a character', 'x\ud800', 'half of a character'],
    ['a flag that BSON lacks', /x/s, 'regular expression with the flag s, which BSON lacks'],
    [
      'an object that hides its state',
      new (class Money {
        #minor = 1;
        minor() {
          return this.#minor;
        }
      })(),
      'object without fields of its own',
    ],
    ['an integer beyond 64 bits', 2n ** 64n, 'integer of more than 64 bits'],
  ])('refuse %s instead of dropping it', (_, value, kind) => {
    let thrown: unknown;
    try {
      match({ deep: [{ a: value }] });
    } catch (error) {
      thrown = error;
    }
    expect(isAggregationCacheError(thrown, 'UNSUPPORTED_VALUE') && thrown.details).toEqual({
      path: 'pipeline.0.$match.deep.0.a',
      kind,
    });
  });

  it('refuse a cycle, and what is nested without end', () => {
    const filter: Document = { a: 1 };
    filter.self = filter;
    expect(() => match(filter)).toThrow(/cycle/);
    const deep = (levels: number): Document => (levels === 0 ? {} : { a: deep(levels - 1) });
    expect(match(deep(150))).toHaveLength(43);
    expect(() => match(deep(300))).toThrow(/more than 200 levels/);
    const endless: object = { toBSON: () => ({ again: endless }) };
    expect(() => match({ endless })).toThrow(/more than 200 levels/);
  });

  it.each([
    ['a name with a zero', { 'a\0b': 1 }, 'pipeline.0.$match'],
    ['a name with half of a character', { '\udc00': 1 }, 'pipeline.0.$match'],
  ])('refuse %s', (_, filter, path) => {
    let thrown: unknown;
    try {
      match(filter);
    } catch (error) {
      thrown = error;
    }
    expect(isAggregationCacheError(thrown, 'UNSUPPORTED_VALUE') && thrown.details.path).toBe(path);
  });

  it('refuse a tenant that UTF-8 cannot spell, for many would be one', () => {
    expect(() => match({}, { tenant: '\ud800' })).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_VALUE' }),
    );
  });

  it('take texts with zeros, and bytes of every kind, for what they are', () => {
    const values = [
      'a\0',
      'a',
      'a\0\0',
      Buffer.from('a\0'),
      Buffer.from('a'),
      new Uint8Array([97]),
    ];
    expect(new Set(values.map((a) => match({ a }))).size).toBe(5);
  });

  it('take holes and undefined in a list for null, as the driver does', () => {
    const holed = Object.assign([], { 1: 1 });
    expect(match({ a: { $in: holed } })).toBe(match({ a: { $in: [null, 1] } }));
    expect(match({ a: { $in: [undefined, 1] } }, { ignoreUndefined: true })).toBe(
      match({ a: { $in: [null, 1] } }),
    );
  });

  it('read each getter once, so that what is hashed is what is sent', () => {
    let reads = 0;
    const filter = {
      get a() {
        reads += 1;
        return reads;
      },
    };
    expect(match(filter)).toBe(match({ a: 1 }));
    expect(reads).toBe(1);
  });

  it('see through a proxy, a class and an object of another kind of plain', () => {
    class Address {
      street = 'one';
    }
    const bare = Object.assign(Object.create(null) as object, { street: 'one' });
    const keys = [
      new Address(),
      bare,
      new Proxy({ street: 'one' }, {}),
      { street: 'one' },
      new Map([['street', 'one']]),
    ];
    expect(new Set(keys.map((a) => match({ a }))).size).toBe(1);
    expect(match({ a: { toJSON: undefined, b: 1 } }, { ignoreUndefined: true })).toBe(
      match({ a: { b: 1 } }),
    );
  });

  it('take values of another bson for what they are', () => {
    const id = new ObjectId();
    const foreign = Object.assign(
      Object.create({ [Symbol.for('@@mdb.bson.version')]: 5 }) as object,
      {
        _bsontype: 'ObjectId',
        id: new Uint8Array(id.id),
      },
    );
    expect(match({ id: foreign })).toBe(match({ id }));
  });

  it('keep apart an empty text, an empty list, an empty document and nothing', () => {
    const values = ['', [], {}, null, false, 0, Buffer.alloc(0), [[]], [{}], [null]];
    expect(new Set(values.map((a) => match({ a: { $eq: a } }))).size).toBe(values.length);
  });

  it('cannot be led astray by texts that look like what is written', () => {
    expect(match({ a: 's1:b', c: 1 })).not.toBe(match({ a: 's1:b1:ci1;' }));
    expect(match({ a: ['x', 'y'] })).not.toBe(match({ a: ['xs1:y'] }));
    expect(match({}, { tenant: '1:a', prefix: '' })).not.toBe(
      match({}, { tenant: 'a', prefix: '1:' }),
    );
  });

  it('are shared whatever the order below $elemMatch and $not', () => {
    expect(match({ a: { $elemMatch: { x: 1, y: 2 } } })).toBe(
      match({ a: { $elemMatch: { y: 2, x: 1 } } }),
    );
    expect(match({ a: { $not: { $gt: 1, $lt: 3 } } })).toBe(
      match({ a: { $not: { $lt: 3, $gt: 1 } } }),
    );
    expect(match({ a: { $elemMatch: { x: { p: 1, q: 1 } } } })).not.toBe(
      match({ a: { $elemMatch: { x: { q: 1, p: 1 } } } }),
    );
  });

  it('are 43 characters that Redis and people can bear', () => {
    expect(match({ a: new ObjectId() })).toMatch(/^[\w-]{43}$/);
  });
});
