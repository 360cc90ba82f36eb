import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { BSON, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  defineCountClass,
  defineDistinctClass,
  defineFindClass,
  defineFindOneClass,
} from '../classes/define-filter-classes.js';
import { definePipelineClass } from '../classes/define-pipeline-class.js';
import { ViewResolver } from '../classes/view-resolver.js';
import { type PreparedRead, prepareRead, type ReadContext, stillAsks } from './prepare-read.js';

const open = (more: Partial<ReadContext> = {}) => {
  const clock = new ManualClock();
  const context: ReadContext = {
    database: 'shop',
    ignoreUndefined: false,
    keyPrefix: 'p',
    clock,
    ...more,
  };
  return { clock, context };
};
const now = <Row>(read: PreparedRead<Row> | Promise<PreparedRead<Row>>): PreparedRead<Row> => {
  if (read instanceof Promise) throw new Error('It was not ready at once.');
  return read;
};
const { context } = open();
const base = { name: 'x', collection: 'a' };

describe('a read is prepared', () => {
  it('at once without a schema, and with one that answers at once', () => {
    const plain = definePipelineClass({
      ...base,
      pipeline: ({ id }: { id: number }) => [{ $match: { id } }],
    });
    const checked = definePipelineClass({
      ...base,
      params: z.object({ id: z.string().transform(Number) }),
      pipeline: ({ id }) => [{ $match: { id } }],
    });
    expect(now(prepareRead(checked, { id: '5' }, undefined, context)).key).toBe(
      now(prepareRead(plain, { id: 5 }, undefined, context)).key,
    );
  });

  it('later with a schema that answers later', async () => {
    const checked = definePipelineClass({
      ...base,
      params: z.object({ id: z.number().refine(async (id) => id > 0) }),
      pipeline: ({ id }) => [{ $match: { id } }],
    });
    const read = prepareRead(checked, { id: 5 }, undefined, context);
    expect(read).toBeInstanceOf(Promise);
    expect((await read).key).toHaveLength(43);
    await expect(prepareRead(checked, { id: -5 }, undefined, context)).rejects.toMatchObject({
      code: 'INVALID_PARAMETERS',
    });
  });

  it('of a personal class tells no words of the schema, which may quote the parameters', () => {
    const personal = definePipelineClass({
      ...base,
      personal: true,
      params: z.object({ mail: z.number({ error: ({ input }) => `got ${String(input)}` }) }),
      pipeline: [],
    });
    const read = () =>
      prepareRead(personal, { mail: 'ada@example.org' } as never, undefined, context);
    expect(read).toThrow(
      expect.objectContaining({
        code: 'INVALID_PARAMETERS',
        message: expect.stringContaining('mail: does not fit'),
        details: {
          pipelineClass: personal.name,
          issues: [{ path: 'mail', message: 'does not fit' }],
        },
      }),
    );
  });

  it('once, where every read asks the same of the same tenant', () => {
    const constant = definePipelineClass({ ...base, pipeline: [{ $sort: { a: 1 } }] });
    const read = (tenant?: string) => now(prepareRead(constant, undefined, tenant, context));
    expect(read()).toBe(read());
    expect(read('a')).toBe(read('a'));
    expect(read('a').key).not.toBe(read('b').key);
    expect(read('a').key).not.toBe(read().key);
  });

  it('anew where it is built', () => {
    let limit = 0;
    const built = definePipelineClass({
      ...base,
      pipeline: () => {
        limit += 1;
        return [{ $limit: limit }];
      },
    });
    const read = () => now(prepareRead(built, undefined, undefined, context)).key;
    expect(read()).not.toBe(read());
  });
});

describe('the question', () => {
  const filter = { status: 'open', since: new Date(0) };

  it('of each kind is another one', () => {
    const classes = [
      definePipelineClass({ ...base, pipeline: [{ $match: filter }] }),
      defineFindClass({ ...base, filter }),
      defineFindOneClass({ ...base, filter }),
      defineCountClass({ ...base, filter }),
      defineDistinctClass({ ...base, filter, field: 'a' }),
      defineDistinctClass({ ...base, filter, field: 'b' }),
      defineFindClass({ ...base, filter, skip: 1 }),
      defineFindClass({ ...base, filter, sort: { a: 1, b: 1 } }),
      defineFindClass({ ...base, filter, sort: { b: 1, a: 1 } }),
      defineFindClass({ ...base, filter, projection: { a: 1 } }),
      defineFindClass({ ...base, filter, options: { hint: 'a_1' } }),
      defineFindClass({ ...base, filter, options: { collation: { locale: 'de' } } }),
      defineFindClass({ ...base, filter, options: { collation: { locale: 'sv' } } }),
      defineFindClass({ ...base, filter, options: { let: { a: 1 } } }),
      defineFindClass({ ...base, filter, version: 2 }),
      defineFindClass({ ...base, name: 'y', filter }),
      defineFindClass({ ...base, collection: 'b', filter }),
    ];
    const keys = classes.map(
      (one) => now(prepareRead(one as never, undefined, undefined, context)).key,
    );
    expect(new Set(keys).size).toBe(classes.length);
  });

  it('is the same whatever lets it spill or how sure it must be', () => {
    const classes = [
      defineFindClass({ ...base, filter }),
      defineFindClass({ ...base, filter: { since: filter.since, status: 'open' } }),
      defineFindClass({ ...base, filter, options: { allowDiskUse: true } }),
      defineFindClass({ ...base, filter, mode: 'strict', ttlMs: 5, maxTimeMs: 7, personal: true }),
    ];
    const keys = classes.map((one) => now(prepareRead(one, undefined, undefined, context)).key);
    expect(new Set(keys).size).toBe(1);
  });

  it('is asked as it was, with what the key leaves out', () => {
    const found = defineFindClass({
      ...base,
      filter: ({ id }: { id: ObjectId }) => ({ id, since: filter.since }),
      sort: { b: 1, a: -1 },
      limit: ({ id }) => (id === undefined ? 1 : 20),
      options: { allowDiskUse: true, let: { a: 1 } },
    });
    const id = new ObjectId();
    const read = now(prepareRead(found, { id }, undefined, context));
    const wanted = { id: new ObjectId(id.toHexString()), since: new Date(0) };
    id.id.fill(0);
    expect(read.operation).toEqual({
      kind: 'find',
      filter: wanted,
      options: { let: { a: 1 }, limit: 20, sort: { b: 1, a: -1 }, allowDiskUse: true },
    });
    expect(read.operation).toBe(read.operation);
  });

  it('of a count and of a distinct is answered by values', () => {
    const count = defineCountClass({ ...base, filter, limit: 5 });
    const distinct = defineDistinctClass<string>({ ...base, field: 'a.b' });
    expect(now(prepareRead(count, undefined, undefined, context)).operation).toEqual({
      kind: 'count',
      filter,
      options: { limit: 5 },
    });
    expect(now(prepareRead(distinct, undefined, undefined, context)).operation).toEqual({
      kind: 'distinct',
      field: 'a.b',
      filter: {},
      options: {},
    });
    expect(count.unwrap?.({ n: 3 })).toBe(3);
    expect(distinct.unwrap?.({ v: 'x' })).toBe('x');
  });
});

describe('what it depends on', () => {
  const dependencies = (
    pipelineClass: unknown,
    params?: unknown,
    tenant?: string,
    within = context,
  ) => now(prepareRead(pipelineClass as never, params as never, tenant, within)).dependencies;

  it('is everything, its class, its tenant, its tags, and its collections', () => {
    const tagged = definePipelineClass({
      ...base,
      pipeline: ({ id }: { id: number }) => [{ $match: { id } }, { $unionWith: 'b' }],
      tags: ({ id }) => ['all', `id:${id}`, 'all'],
      dependsOn: ['c', { db: 'other', coll: 'd' }],
    });
    expect(dependencies(tagged, { id: 5 }, 'acme')).toEqual(
      [
        '*',
        'k:x',
        'n:acme',
        't:all',
        't:id:5',
        'c:shop.a',
        'c:shop.b',
        'c:shop.c',
        'c:other.d',
      ].sort(),
    );
  });

  const id = new ObjectId('65f0c0ffee0000000000abcd');
  const document = ['d:shop.a:o65f0c0ffee0000000000abcd', 'w:shop.a'];
  const whole = ['c:shop.a'];

  it.each<[string, object, readonly string[]]>([
    ['a value', { _id: id }, document],
    ['$eq', { _id: { $eq: id }, active: true }, document],
    ['$in', { _id: { $in: [id, id] } }, document],
    ['nothing', { _id: { $in: [] } }, ['w:shop.a']],
    [
      'forms of one number',
      { _id: { $in: [5, 5n, new BSON.Double(5)] } },
      ['d:shop.a:i5', 'w:shop.a'],
    ],
    ['too many', { _id: { $in: Array.from({ length: 17 }, (_, n) => n) } }, whole],
    ['another operator', { _id: { $gte: id } }, whole],
    ['more operators', { _id: { $eq: id, $ne: 5 } }, whole],
    ['a pattern', { _id: /a/ }, whole],
    ['a pattern among values', { _id: { $in: [/a/] } }, whole],
    ['a decimal', { _id: new BSON.Decimal128('5') }, whole],
    ['null, which a missing field is too', { _id: null }, whole],
    ['a document', { _id: { a: 1 } }, whole],
    ['an alternative', { $or: [{ _id: id }, { a: 1 }] }, whole],
    ['another field', { a: { _id: id }, b: 1 }, whole],
  ])('is documents only where that is proved: %s', (_, filter, expected) => {
    const classes = [
      definePipelineClass({ ...base, pipeline: [{ $match: filter }] }),
      defineFindClass({ ...base, filter }),
      defineFindOneClass({ ...base, filter: () => filter }),
      defineCountClass({ ...base, filter }),
      defineDistinctClass({ ...base, filter, field: 'b' }),
    ];
    for (const one of classes) expect(dependencies(one)).toEqual(['*', 'k:x', ...expected].sort());
  });

  it.each<[string, object]>([
    ['in a later stage', { pipeline: [{ $limit: 1 }, { $match: { _id: id } }] }],
    ['below a facet', { pipeline: [{ $facet: { a: [{ $match: { _id: id } }] } }] }],
    [
      'with texts compared in another way',
      { pipeline: [{ $match: { _id: 'a' } }], options: { collation: { locale: 'de' } } },
    ],
    [
      'joined with its own collection',
      {
        pipeline: [
          { $match: { _id: id } },
          { $lookup: { from: 'a', as: 'b', localField: 'c', foreignField: 'd' } },
        ],
      },
    ],
    ['depending on its own collection', { pipeline: [{ $match: { _id: id } }], dependsOn: ['a'] }],
  ])('is the collection for an id %s', (_, more) => {
    expect(dependencies(definePipelineClass({ ...base, pipeline: [], ...more }))).toEqual(
      ['*', 'k:x', ...whole].sort(),
    );
  });

  it('is the document and the collections that are joined to it', () => {
    const joined = definePipelineClass({
      ...base,
      pipeline: [{ $match: { _id: id } }, { $unionWith: 'b' }],
    });
    expect(dependencies(joined)).toEqual(['*', 'k:x', 'c:shop.b', ...document].sort());
  });

  it('is what is behind views, which are asked for once', async () => {
    const clock = new ManualClock();
    const entries = new Map<string, object>([
      ['v', { kind: 'view', on: 'base', pipeline: [{ $lookup: { from: 'c', as: 'x' } }] }],
    ]);
    const views = new ViewResolver({
      clock,
      catalogue: async (_, name) => entries.get(name) as never,
    });
    const within = open({ views, clock }).context;
    const viewed = defineFindClass({ ...base, collection: 'v', filter: { _id: id } });
    const first = prepareRead(viewed, undefined, undefined, within);
    expect(first).toBeInstanceOf(Promise);
    expect((await first).dependencies).toEqual(
      ['*', 'k:x', 'c:shop.v', 'c:shop.base', 'c:shop.c'].sort(),
    );
    const second = now(prepareRead(viewed, undefined, undefined, within));
    expect(second.key).toBe((await first).key);
    entries.set('v', { kind: 'view', on: 'base', pipeline: [] });
    views.forget('shop.v');
    expect(stillAsks(second, within)).toBe(false);
    expect((await prepareRead(viewed, undefined, undefined, within)).key).not.toBe(second.key);
  });

  it('keeps nothing of a view that cannot be kept', async () => {
    const views = new ViewResolver({
      clock: new ManualClock(),
      catalogue: async () => ({ kind: 'hidden' }),
    });
    const read = await prepareRead(
      defineFindClass(base),
      undefined,
      undefined,
      open({ views }).context,
    );
    expect(read.uncacheable).toMatch(/may not be read/);
  });
});

describe('$$NOW', () => {
  const due = { $match: { $expr: { $lt: ['$due', '$$NOW'] }, text: '$$NOW' } };

  it('is not kept, unless it is frozen', () => {
    const moving = definePipelineClass({ ...base, pipeline: [due] });
    expect(now(prepareRead(moving, undefined, undefined, context)).uncacheable).toBe('$$NOW');
  });

  it('stands for the beginning of its span, and is another question in the next', () => {
    const { clock, context: within } = open();
    const frozen = definePipelineClass({ ...base, pipeline: [due], freezeNowMs: 60_000 });
    const read = () => now(prepareRead(frozen, undefined, undefined, within));
    const first = read();
    const begin = new Date(Math.floor(clock.wallTime() / 60_000) * 60_000);
    expect(first.uncacheable).toBeUndefined();
    expect(first.operation).toMatchObject({
      pipeline: [{ $match: { $expr: { $lt: ['$due', { $literal: begin }] }, text: '$$NOW' } }],
    });
    const leftMs = begin.getTime() + 60_000 - clock.wallTime();
    clock.advance(leftMs - 1);
    expect(read()).toBe(first);
    expect(stillAsks(first, within)).toBe(true);
    clock.advance(1);
    expect(stillAsks(first, within)).toBe(false);
    expect(read().key).not.toBe(first.key);
  });

  it('in a literal or after a path stays what it is', () => {
    const frozen = (stage: object) =>
      now(
        prepareRead(
          definePipelineClass({ ...base, pipeline: [stage], freezeNowMs: 5 }),
          undefined,
          undefined,
          context,
        ),
      );
    expect(frozen({ $project: { a: { $literal: '$$NOW' } } }).frozenUntil).toBeUndefined();
    expect(frozen({ $project: { a: '$$NOW.b' } }).uncacheable).toBe('$$NOW.b');
    expect(frozen({ $project: { a: '$$CLUSTER_TIME' } }).uncacheable).toBe('$$CLUSTER_TIME');
  });
});

describe('a read is refused', () => {
  it('with tags that nothing could be called by', () => {
    const tagged = definePipelineClass({ ...base, pipeline: [], tags: () => [''] });
    expect(() => prepareRead(tagged, undefined, undefined, context)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });

  it('with a page that cannot be', () => {
    const paged = defineFindClass({ ...base, skip: ({ skip }: { skip: number }) => skip });
    expect(() => prepareRead(paged, { skip: -1 }, undefined, context)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });

  it('without the tenant that its class demands', () => {
    const kept = definePipelineClass({ ...base, pipeline: [], tenant: 'required' });
    for (const tenant of [undefined, '']) {
      expect(() => prepareRead(kept, undefined, tenant, context)).toThrow(
        expect.objectContaining({ code: 'TENANT_REQUIRED' }),
      );
    }
  });
});
