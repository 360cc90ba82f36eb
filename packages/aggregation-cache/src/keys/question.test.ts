import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../ports/source.js';
import { readQuestion } from './question.js';

const read = (operation: unknown, header?: string) =>
  readQuestion(operation as Operation, { database: 'shop', undefinedAs: 'null' }, header);
const find = (options?: Document, filter: Document = {}) => read({ kind: 'find', filter, options });

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a question', () => {
  it('is written after its header and kind, part by part', () => {
    const pipeline = [{ $limit: 1 }];
    expect(read({ kind: 'aggregate', pipeline }, 'h|').text).toBe('h|aggregate[{6:$limiti1;}]');
    expect(read({ kind: 'find', filter: { a: 1 } }).text).toBe('find{1:ai1;}');
    expect(read({ kind: 'count', filter: {} }).text).toBe('count{}');
    expect(read({ kind: 'distinct', field: 'a', filter: {} }).text).toBe('distinct{}s1:a');
    expect(find({ limit: 2 }).text).toBe('find{}{5:limiti2;}');
  });

  it('is sent as it was written, with the options that mean nothing', () => {
    const pipeline = [{ $match: { a: 1 } }];
    const options = { hint: 'a_1', comment: 'mine' };
    expect(plain(read({ kind: 'aggregate', pipeline, options }).operation())).toEqual({
      kind: 'aggregate',
      pipeline,
      options,
    });
    expect(read({ kind: 'aggregate', pipeline: [] }).operation()).toEqual({
      kind: 'aggregate',
      pipeline: [],
      options: {},
    });
    const comment = { comment: 'mine' };
    expect(find(comment).operation()).toEqual({ kind: 'find', filter: {}, options: comment });
    expect(find({ limit: 5 }).operation()).toEqual({
      kind: 'find',
      filter: {},
      options: { limit: 5 },
    });
    expect(read({ kind: 'distinct', field: 'a', filter: {} }).operation()).toEqual({
      kind: 'distinct',
      field: 'a',
      filter: {},
      options: {},
    });
  });

  it.each([
    'maxTimeMS',
    'comment',
    'allowDiskUse',
    'batchSize',
    'cursor',
    'readPreference',
    'signal',
    'session',
  ])('is the same whatever its %s', (name) => {
    const value = { any: () => 'thing' };
    expect(find({ [name]: value }).text).toBe(find().text);
    expect(find({ [name]: value, limit: 1 }).text).toBe(find({ limit: 1 }).text);
    expect(find({ [name]: value }).operation().options).toEqual({ [name]: value });
  });

  it('is the same with an option that is not given, and another with any other option', () => {
    expect(find({ limit: undefined }).text).toBe(find().text);
    expect(find({ limit: undefined }).operation().options).toEqual({});
    const texts = [{}, { limit: 1 }, { skip: 1 }, { hint: 'a' }, { sort: { a: 1 } }].map(
      (options) => find(options).text,
    );
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('is the same whatever the order of its options, of its collation and of its variables', () => {
    expect(find({ limit: 1, skip: 2 }).text).toBe(find({ skip: 2, limit: 1 }).text);
    expect(find({ collation: { locale: 'en', strength: 1 } }).text).toBe(
      find({ collation: { strength: 1, locale: 'en' } }).text,
    );
    expect(find({ let: { x: 1, y: 2 } }).text).toBe(find({ let: { y: 2, x: 1 } }).text);
  });

  it('is another one with another order of what is sorted, hinted or shown', () => {
    for (const name of ['sort', 'hint', 'projection', 'unknown']) {
      expect(find({ [name]: { a: 1, b: 1 } }).text).not.toBe(find({ [name]: { b: 1, a: 1 } }).text);
    }
    expect(find({ let: { x: { a: 1, b: 2 } } }).text).not.toBe(
      find({ let: { x: { b: 2, a: 1 } } }).text,
    );
  });

  it('names the part in which something cannot be written', () => {
    const bad = () => 1;
    expect(() => read({ kind: 'aggregate', pipeline: [bad] })).toThrow("'pipeline.0'");
    expect(() => find({}, { a: bad })).toThrow("'filter.a'");
    expect(() => find({ hint: bad })).toThrow("'options.hint'");
    expect(() => read({ kind: 'distinct', field: bad, filter: {} })).toThrow("'field'");
  });

  it('tells whether it brings rules for comparing texts', () => {
    expect(find({ collation: { locale: 'en' } }).collation).toBe(true);
    expect(find({ collation: undefined, limit: 1 }).collation).toBe(false);
    expect(find().collation).toBe(false);
  });

  it.each<[string, Document, Document, string | undefined]>([
    ['a projection', {}, { projection: { a: { $rand: {} } } }, '$rand'],
    ['a variable', {}, { let: { x: '$$NOW' } }, '$$NOW'],
    ['a variable of a projection', {}, { projection: { a: '$$NOW' } }, '$$NOW'],
    ['a filter', { $expr: { $gt: ['$a', { $rand: {} }] } }, {}, '$rand'],
    ['a filter below another', { $or: [{ $and: [{ $where: 'x' }] }] }, {}, '$where'],
    ['a filter of none', { $nor: [{ $sampleRate: 0.5 }] }, {}, '$sampleRate'],
    ['a filter of items', { a: { $elemMatch: { $or: [{ $where: 'x' }] } } }, {}, '$where'],
    [
      'a filter of items below not',
      { a: { $not: { $elemMatch: { $nor: [{ $where: 'x' }] } } } },
      {},
      '$where',
    ],
    [
      'items of items',
      { a: { $elemMatch: { $elemMatch: { $and: [{ $where: 'x' }] } } } },
      {},
      '$where',
    ],
    [
      'items that are not',
      { a: { $elemMatch: { $not: { $elemMatch: { $and: [{ $where: 'x' }] } } } } },
      {},
      '$where',
    ],
    [
      'a projection of items',
      {},
      { projection: { a: { $elemMatch: { $or: [{ $where: 'x' }] } } } },
      '$where',
    ],
    ['a value', { a: { $eq: { $where: 'x' } } }, {}, undefined],
    ['a literal', { $expr: { $eq: ['$a', { $literal: { $rand: {} } }] } }, {}, undefined],
    ['a literal variable', { $expr: { $eq: ['$a', { $literal: '$$NOW' }] } }, {}, undefined],
    ['a text in a filter', { a: '$$NOW' }, {}, undefined],
    ['a text in a hint', {}, { hint: '$$NOW' }, undefined],
    ['a text in a rule', {}, { collation: { locale: '$$NOW' } }, undefined],
    ['what cannot be kept is not looked into', { $where: { $rand: '$$NOW' } }, {}, '$where'],
  ])('answers differently each time by %s, or does not', (_, filter, options, expected) => {
    expect(find(options, filter).findings.uncacheable).toBe(expected);
  });

  it.each(['$rand', '$function', '$accumulator', '$createObjectId', '$currentDate'])(
    'answers differently each time by the expression %s',
    (name) => {
      expect(find({}, { $expr: { $eq: ['$a', { [name]: {} }] } }).findings.uncacheable).toBe(name);
    },
  );

  it('knows the one document it is about', () => {
    expect(find({}, { _id: 5, a: 1 }).findings.id).toEqual({ value: 5 });
    expect(find({}, { a: { _id: 5 } }).findings.id).toBeUndefined();
    expect(find({}, { $or: [{ _id: 5 }] }).findings.id).toBeUndefined();
    expect(find({}, { _id: { $in: [1], $gt: 0 } }).text).toBe(
      find({}, { _id: { $gt: 0, $in: [1] } }).text,
    );
  });

  it('puts the frozen time in the place of now', () => {
    const now = new Date(5);
    const question = readQuestion(
      { kind: 'find', filter: { $expr: { $gt: ['$a', '$$NOW'] } } },
      { database: 'shop', undefinedAs: 'null', now },
    );
    expect([question.findings.uncacheable, question.findings.usedNow]).toEqual([undefined, true]);
    expect(question.operation()).toMatchObject({
      filter: { $expr: { $gt: ['$a', { $literal: now }] } },
    });
  });

  it('takes undefined for what it is told to', () => {
    const textOf = (undefinedAs: 'null' | 'nothing' | 'undefined') =>
      readQuestion(
        { kind: 'find', filter: { a: undefined, b: [undefined] } },
        { database: 'shop', undefinedAs },
      ).text;
    expect([textOf('null'), textOf('nothing'), textOf('undefined')]).toEqual([
      'find{1:az1:b[z]}',
      'find{1:b[z]}',
      'find{1:au1:b[u]}',
    ]);
  });
});

describe('the order in a filter', () => {
  const same = (one: Document, other: Document) => find({}, one).text === find({}, other).text;

  it.each<[string, Document, Document]>([
    ['below $and', { $and: [{ a: 1, b: 2 }] }, { $and: [{ b: 2, a: 1 }] }],
    ['below $nor', { $nor: [{ a: 1, b: 2 }] }, { $nor: [{ b: 2, a: 1 }] }],
    [
      'of operators below an item',
      { a: { $elemMatch: { b: { $gt: 1, $lt: 5 } } } },
      { a: { $elemMatch: { b: { $lt: 5, $gt: 1 } } } },
    ],
    [
      'below $or of an item',
      { a: { $elemMatch: { $or: [{ b: 1, c: 1 }] } } },
      { a: { $elemMatch: { $or: [{ c: 1, b: 1 }] } } },
    ],
    [
      'of operators on an item',
      { a: { $elemMatch: { $gt: 1, $lt: 5 } } },
      { a: { $elemMatch: { $lt: 5, $gt: 1 } } },
    ],
    [
      'below $not twice',
      { a: { $not: { $not: { $gt: 1, $lt: 5 } } } },
      { a: { $not: { $not: { $lt: 5, $gt: 1 } } } },
    ],
  ])('means nothing %s', (_, one, other) => {
    expect(same(one, other)).toBe(true);
  });

  it.each<[string, Document, Document]>([
    ['of a value', { a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } }],
    ['of a value with an operator in it', { a: { x: 1, $gt: 2 } }, { a: { $gt: 2, x: 1 } }],
    [
      'of a value below an operator',
      { a: { $gt: { x: 1, y: 2 } } },
      { a: { $gt: { y: 2, x: 1 } } },
    ],
    ['of operators in a list', { a: [{ $gt: 1, $lt: 2 }] }, { a: [{ $lt: 2, $gt: 1 }] }],
    [
      'of operators below a value',
      { a: { x: { $gt: 1, $lt: 2 } } },
      { a: { x: { $lt: 2, $gt: 1 } } },
    ],
    ['of an unknown operator', { $unknown: { $gt: 1, $lt: 2 } }, { $unknown: { $lt: 2, $gt: 1 } }],
    [
      'of an unknown operator on an item',
      { a: { $elemMatch: { $unknown: { $gt: 1, $lt: 2 } } } },
      { a: { $elemMatch: { $unknown: { $lt: 2, $gt: 1 } } } },
    ],
    ['of alternatives', { $or: [{ a: 1 }, { b: 1 }] }, { $or: [{ b: 1 }, { a: 1 }] }],
    ['of what is no list of filters', { $or: { x: 1, y: 2 } }, { $or: { y: 2, x: 1 } }],
    ['of the code that decides', { $where: { a: 1, b: 2 } }, { $where: { b: 2, a: 1 } }],
  ])('counts %s', (_, one, other) => {
    expect(same(one, other)).toBe(false);
  });
});
