import fc from 'fast-check';
import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { isAggregationCacheError } from '../errors.js';
import { analysePipeline } from './analyse-pipeline.js';

const readsOf = (pipeline: Document[]) => [...analysePipeline(pipeline, 'shop').reads].sort();

describe('what a pipeline reads', () => {
  it('is found in joins, graph searches and unions', () => {
    expect(
      readsOf([
        { $match: { a: 1 } },
        { $lookup: { from: 'users', localField: 'u', foreignField: '_id', as: 'user' } },
        {
          $graphLookup: {
            from: 'tree',
            startWith: '$a',
            connectFromField: 'a',
            connectToField: 'b',
            as: 'x',
          },
        },
        { $unionWith: 'archive' },
        { $unionWith: { coll: 'older', pipeline: [] } },
      ]),
    ).toEqual(['shop.archive', 'shop.older', 'shop.tree', 'shop.users']);
  });

  it('is found below joins, unions and facets, at any depth', () => {
    expect(
      readsOf([
        {
          $facet: {
            one: [
              {
                $lookup: {
                  from: 'a',
                  as: 'x',
                  pipeline: [{ $unionWith: { coll: 'b', pipeline: [{ $unionWith: 'c' }] } }],
                },
              },
            ],
            two: [{ $graphLookup: { from: 'd' } }],
          },
        },
      ]),
    ).toEqual(['shop.a', 'shop.b', 'shop.c', 'shop.d']);
  });

  it('is found in stages that rank what pipelines answer', () => {
    const pipeline = [{ $rankFusion: { input: { pipelines: { a: [{ $unionWith: 'late' }] } } } }];
    expect(readsOf(pipeline)).toEqual(['shop.late']);
  });

  it('is found in stages that are not known yet', () => {
    const pipeline = [{ $newStage: { deep: [{ more: [{ $unionWith: 'late' }] }] } }];
    expect(readsOf(pipeline)).toEqual(['shop.late']);
  });

  it('may lie in another database', () => {
    expect(
      readsOf([
        { $lookup: { from: { db: 'local', coll: 'cache.chunks' }, as: 'x', pipeline: [] } },
        { $unionWith: { db: 'other', coll: 'a' } },
      ]),
    ).toEqual(['local.cache.chunks', 'other.a']);
  });

  it('is nothing for a join with literal documents', () => {
    expect(readsOf([{ $lookup: { as: 'x', pipeline: [{ $documents: [{ a: 1 }] }] } }])).toEqual([]);
  });

  it('is found when stages are maps', () => {
    expect(readsOf([{ $lookup: new Map([['from', 'users']]) }])).toEqual(['shop.users']);
  });

  it('may be in the other database too, below a source of another one', () => {
    const inner = [{ $lookup: { from: 'b', as: 'x' } }];
    expect(readsOf([{ $unionWith: { db: 'other', coll: 'a', pipeline: inner } }])).toEqual([
      'other.a',
      'other.b',
      'shop.b',
    ]);
  });
});

/** Pipelines with the collections they were built from. */
interface Built {
  readonly pipeline: Document[];
  readonly reads: readonly string[];
}

const name = fc.stringMatching(/^[a-z]{1,6}$/);
const built = fc.letrec<{ pipeline: Built; stage: Built }>((tie) => ({
  pipeline: fc.array(tie('stage'), { maxLength: 3 }).map((stages) => ({
    pipeline: stages.flatMap(({ pipeline }) => pipeline),
    reads: stages.flatMap(({ reads }) => reads),
  })),
  stage: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Built>(
      { pipeline: [{ $match: { $expr: { $eq: ['$a', '$$b'] } } }], reads: [] },
      { pipeline: [{ $project: { a: { $literal: { $lookup: { from: 'no' } } } } }], reads: [] },
      { pipeline: [{ $sort: { lookup: 1 } }, { $limit: 3 }], reads: [] },
      {
        pipeline: [{ $match: { a: { $in: ['from', 'coll'] }, from: 'no', coll: 'no' } }],
        reads: [],
      },
      { pipeline: [{ $set: { from: '$from', coll: { db: 'no', coll: 'no' } } }], reads: [] },
      {
        pipeline: [{ $lookup: { as: 'd', pipeline: [{ $documents: [{ from: 'no' }] }] } }],
        reads: [],
      },
      { pipeline: [{ $unionWith: { pipeline: [{ $documents: [{ coll: 'no' }] }] } }], reads: [] },
      {
        pipeline: [{ $setWindowFields: { sortBy: { from: 1 }, output: { from: { $sum: 1 } } } }],
        reads: [],
      },
    ),
    name.map((from) => ({
      pipeline: [{ $graphLookup: { from, as: 'g' } }],
      reads: [`shop.${from}`],
    })),
    name.map((from) => ({
      pipeline: [{ $graphLookup: { as: 'g', restrictSearchWithMatch: { from: 'no' }, from } }],
      reads: [`shop.${from}`],
    })),
    name.map((from) => ({ pipeline: [{ $unionWith: from }], reads: [`shop.${from}`] })),
    name.map((from) => ({
      pipeline: [{ $lookup: { localField: 'from', foreignField: 'coll', as: 'x', from } }],
      reads: [`shop.${from}`],
    })),
    fc.tuple(name, name).map(([db, coll]) => ({
      pipeline: [{ $lookup: { from: { db, coll }, localField: 'a', foreignField: 'b', as: 'x' } }],
      reads: [`${db}.${coll}`],
    })),
    fc.tuple(name, tie('pipeline')).map(([from, inner]) => ({
      pipeline: [
        new Map<string, unknown>([
          [
            '$lookup',
            new Map<string, unknown>([
              ['pipeline', inner.pipeline],
              ['from', from],
              ['localField', 'a'],
            ]),
          ],
        ]) as unknown as Document,
      ],
      reads: [`shop.${from}`, ...inner.reads],
    })),
    fc.tuple(name, tie('pipeline')).map(([coll, inner]) => ({
      pipeline: [{ $unionWith: { pipeline: inner.pipeline, coll } }],
      reads: [`shop.${coll}`, ...inner.reads],
    })),
    fc
      .tuple(fc.constantFrom('$rankFusion', '$scoreFusion'), tie('pipeline'))
      .map(([stage, inner]) => ({
        pipeline: [{ [stage]: { input: { pipelines: { a: inner.pipeline } } } }],
        reads: inner.reads,
      })),
    fc.tuple(name, tie('pipeline')).map(([stage, inner]) => ({
      pipeline: [{ [`$x${stage}`]: { deep: { pipeline: inner.pipeline } } }],
      reads: inner.reads,
    })),
    fc.tuple(name, name, tie('pipeline')).map(([db, coll, inner]) => ({
      pipeline: [{ $unionWith: { db, coll, pipeline: inner.pipeline } }],
      reads: [`${db}.${coll}`, ...inner.reads],
    })),
    fc.tuple(name, tie('pipeline')).map(([from, inner]) => ({
      pipeline: [{ $lookup: { from, as: 'x', let: { a: 1 }, pipeline: inner.pipeline } }],
      reads: [`shop.${from}`, ...inner.reads],
    })),
    fc.dictionary(name, tie('pipeline'), { maxKeys: 3 }).map((facets) => ({
      pipeline: [
        {
          $facet: Object.fromEntries(
            Object.entries(facets).map(([facet, { pipeline }]) => [facet, pipeline]),
          ),
        },
      ],
      reads: Object.values(facets).flatMap(({ reads }) => reads),
    })),
  ),
}));

describe('for any pipeline', () => {
  it('exactly the collections it was built from are found', () => {
    fc.assert(
      fc.property(built.pipeline, ({ pipeline, reads }) => {
        // Below a source of another database the names may be of that one too.
        const isOneDatabase = reads.every((read) => read.startsWith('shop.'));
        const wanted = [...new Set(reads)].sort();
        const found = readsOf(pipeline);
        expect(isOneDatabase ? found : found.filter((read) => wanted.includes(read))).toEqual(
          wanted,
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('a write is refused wherever it is put', () => {
    const wrap = fc.constantFrom(
      (inner: Document[]) => inner,
      (inner: Document[]) => [{ $lookup: { from: 'a', pipeline: inner } }],
      (inner: Document[]) => [{ $facet: { f: inner } }],
      (inner: Document[]) => [{ $unionWith: { coll: 'b', pipeline: inner } }],
    );
    fc.assert(
      fc.property(
        built.pipeline,
        fc.array(wrap, { maxLength: 4 }),
        fc.constantFrom('$out', '$merge'),
        ({ pipeline }, wraps, stage) => {
          const writing = wraps.reduce((inner, put) => put(inner), [...pipeline, { [stage]: 'x' }]);
          let thrown: unknown;
          try {
            analysePipeline(writing, 'shop');
          } catch (error) {
            thrown = error;
          }
          expect(isAggregationCacheError(thrown, 'WRITE_STAGE') && thrown.details.stage).toBe(
            stage,
          );
        },
      ),
    );
  });
});

describe('what cannot be kept', () => {
  it.each([
    ['$sample', [{ $sample: { size: 1 } }]],
    ['$rand', [{ $project: { a: { $rand: {} } } }]],
    ['$$NOW', [{ $match: { $expr: { $lt: ['$due', '$$NOW'] } } }]],
    ['$$CLUSTER_TIME', [{ $project: { t: '$$CLUSTER_TIME' } }]],
    ['$$USER_ROLES.role', [{ $project: { t: '$$USER_ROLES.role' } }]],
    ['$function', [{ $project: { a: { $function: { body: 'f', args: [], lang: 'js' } } } }]],
    ['$search', [{ $lookup: { from: 'a', pipeline: [{ $search: {} }] } }]],
  ])('names %s', (what, pipeline) => {
    expect(analysePipeline(pipeline, 'shop').uncacheable).toBe(what);
  });

  it('is not found in literals, nor in variables that only begin alike', () => {
    const pipeline = [
      { $project: { a: { $literal: '$$NOW' }, b: '$$NOWHERE', c: { $literal: { $rand: 1 } } } },
    ];
    expect(analysePipeline(pipeline, 'shop').uncacheable).toBeUndefined();
  });
});
