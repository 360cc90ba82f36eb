import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { analysePipeline } from './analyse-pipeline.js';

/** The stages that MongoDB's manual documents for versions 6 to 8, and what each is to a cache. */
const ORDINARY = {
  $addFields: { a: 1 },
  $bucket: { groupBy: '$a', boundaries: [0, 1], default: 'x' },
  $bucketAuto: { groupBy: '$a', buckets: 2 },
  $count: 'n',
  $densify: { field: 'a', range: { step: 1, bounds: 'full' } },
  $documents: [{ a: 1 }],
  $facet: { a: [{ $limit: 1 }] },
  $fill: { output: { a: { value: 0 } } },
  $geoNear: { near: { type: 'Point', coordinates: [0, 0] }, distanceField: 'd' },
  $group: { _id: '$a' },
  $limit: 1,
  $match: { a: 1 },
  $project: { a: 1 },
  $rankFusion: { input: { pipelines: { a: [{ $sort: { a: 1 } }] } } },
  $redact: '$$KEEP',
  $replaceRoot: { newRoot: '$a' },
  $replaceWith: '$a',
  $score: { score: '$a' },
  $scoreFusion: {
    input: { pipelines: { a: [{ $score: { score: '$a' } }] }, normalization: 'none' },
  },
  $set: { a: 1 },
  $setWindowFields: { sortBy: { a: 1 }, output: { b: { $sum: '$a' } } },
  $skip: 1,
  $sort: { a: 1 },
  $sortByCount: '$a',
  $unset: 'a',
  $unwind: '$a',
};
const READING = {
  $graphLookup: { from: 'x', startWith: '$a', connectFromField: 'a', connectToField: 'b', as: 'c' },
  $lookup: { from: 'x', localField: 'a', foreignField: 'b', as: 'c' },
  $unionWith: 'x',
};
const UNCACHEABLE = {
  $changeStream: {},
  $changeStreamSplitLargeEvent: {},
  $collStats: { count: {} },
  $currentOp: {},
  $indexStats: {},
  $listClusterCatalog: {},
  $listLocalSessions: {},
  $listSampledQueries: {},
  $listSearchIndexes: {},
  $listSessions: {},
  $planCacheStats: {},
  $querySettings: {},
  $queryStats: {},
  $sample: { size: 1 },
  $search: { text: {} },
  $searchMeta: {},
  $shardedDataDistribution: {},
  $vectorSearch: { queryVector: [1] },
};
const WRITING = { $merge: { into: 'x' }, $out: 'x' };

const stagesOf = (stages: Document) =>
  Object.entries(stages).map(([name, spec]) => [name, { [name]: spec }] as const);

describe('of the documented stages', () => {
  it.each(stagesOf(ORDINARY))('%s reads nothing else and can be kept', (_, stage) => {
    expect(analysePipeline([stage], 'shop')).toEqual({ reads: new Set(), uncacheable: undefined });
  });

  it.each(stagesOf(READING))('%s reads another collection', (_, stage) => {
    expect(analysePipeline([stage], 'shop')).toEqual({
      reads: new Set(['shop.x']),
      uncacheable: undefined,
    });
  });

  it.each(stagesOf(UNCACHEABLE))('%s is never kept', (name, stage) => {
    expect(analysePipeline([stage], 'shop').uncacheable).toBe(name);
    const nested = [{ $facet: { a: [{ $lookup: { from: 'x', pipeline: [stage] } }] } }];
    expect(analysePipeline(nested, 'shop').uncacheable).toBe(name);
  });

  it.each(stagesOf(WRITING))('%s is refused', (_, stage) => {
    expect(() => analysePipeline([stage], 'shop')).toThrow(
      expect.objectContaining({ code: 'WRITE_STAGE' }),
    );
  });
});

describe('a stage that is not known', () => {
  it('is never kept, for it may be random or read what cannot be seen', () => {
    expect(analysePipeline([{ $invented: { a: 1 } }], 'shop').uncacheable).toBe(
      'unknown stage $invented',
    );
    expect(analysePipeline([{ $facet: { a: [{ $_internal: {} }] } }], 'shop').uncacheable).toBe(
      'unknown stage $_internal',
    );
  });

  it('may not write either', () => {
    expect(() => analysePipeline([{ $invented: { pipeline: [{ $out: 'x' }] } }], 'shop')).toThrow(
      expect.objectContaining({ code: 'WRITE_STAGE' }),
    );
  });
});

describe('what is data', () => {
  it.each<[string, Document]>([
    [
      'a value in a filter',
      { $match: { a: '$$NOW', b: { $in: ['$$NOW'] }, c: { $eq: { $rand: {} } } } },
    ],
    ['a condition below a list', { $match: { $or: [{ a: { $elemMatch: { b: '$$NOW' } } }] } }],
    [
      'a filter of a graph search',
      { $graphLookup: { from: 'x', restrictSearchWithMatch: { a: '$$NOW' } } },
    ],
    ['a literal', { $project: { a: { $literal: ['$$NOW', { $rand: {} }] } } }],
    ['bounds', { $densify: { field: 'a', range: { step: 1, unit: 'day', bounds: ['$$NOW'] } } }],
  ])('is nothing that changes: %s', (_, stage) => {
    expect(analysePipeline([stage], 'shop').uncacheable).toBeUndefined();
  });

  it.each<[string, Document]>([
    ['$where', { $match: { $where: 'true' } }],
    ['$where', { $match: { $and: [{ $or: [{ $where: 'true' }] }] } }],
    ['$sampleRate', { $match: { $sampleRate: 0.5 } }],
    ['$accumulator', { $group: { _id: 1, a: { $accumulator: {} } } }],
    ['$$NOW', { $match: { $or: [{ $expr: { $gt: ['$a', '$$NOW'] } }] } }],
    ['$$NOW', { $lookup: { from: 'x', let: { now: '$$NOW' }, pipeline: [], as: 'y' } }],
    ['$$NOW', { $replaceWith: '$$NOW' }],
    ['$$NOW', { $setWindowFields: { partitionBy: '$$NOW', output: {} } }],
    ['$rand', { $bucket: { groupBy: { $rand: {} }, boundaries: [0, 1] } }],
    ['$rand', { $facet: { a: [{ $set: { deep: [{ b: { $rand: {} } }] } }] } }],
    ['$$USER_ROLES.role', { $documents: [{ a: '$$USER_ROLES.role' }] }],
  ])('is not mistaken for it: %s', (what, stage) => {
    expect(analysePipeline([stage], 'shop').uncacheable).toBe(what);
  });
});
