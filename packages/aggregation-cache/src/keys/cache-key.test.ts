import { readFileSync } from 'node:fs';
import { BSON, type Document, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { isAggregationCacheError } from '../errors.js';
import { cacheKey } from './cache-key.js';

interface Question {
  readonly collection: string;
  readonly pipeline: Document[];
  readonly options: Document;
}

interface Pair {
  readonly label: string;
  readonly left: unknown;
  readonly right: unknown;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../test/vectors/cache-keys.json', import.meta.url), 'utf8'),
) as { readonly differ: readonly Pair[]; readonly same: readonly Pair[] };

const read = (side: unknown): Question =>
  BSON.EJSON.parse(JSON.stringify(side), { relaxed: false }) as Question;

/**
 * Extended JSON has no spelling for a document that only looks like extended JSON. A pair that must
 * differ and is spelled the same on both sides therefore means: the value, and the document.
 */
const readOther = ({ left, right }: Pair): Question =>
  JSON.stringify(left) === JSON.stringify(right) ? (right as Question) : read(right);

const keyOf = ({ collection, pipeline, options }: Question): string =>
  cacheKey({ database: 'shop', collection, pipeline, options });

describe('keys', () => {
  it.each(vectors.differ)('tell apart: $label', (pair) => {
    expect(keyOf(read(pair.left))).not.toBe(keyOf(readOther(pair)));
  });

  it.each(vectors.same)('are shared: $label', ({ left, right }) => {
    expect(keyOf(read(left))).toBe(keyOf(read(right)));
  });

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

  it('refuse a cycle', () => {
    const filter: Document = { a: 1 };
    filter.self = filter;
    expect(() => match(filter)).toThrow(/cycle/);
  });

  it('are 43 characters that Redis and people can bear', () => {
    expect(match({ a: new ObjectId() })).toMatch(/^[\w-]{43}$/);
  });
});
