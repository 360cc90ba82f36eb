import { describe, expect, it } from 'vitest';
import { planHints } from './plan-hints.js';
import { queryPlanOf } from './query-plan.js';

const SECRET = 'secret-4711';
const things = 'shop.things';

/** As a server answers, with a value of the question wherever one can stand. */
const plannerOf = (winningPlan: object, more: object = {}) => ({
  namespace: things,
  parsedQuery: { a: { $eq: SECRET }, stage: SECRET },
  queryHash: 'D00757D1',
  planCacheKey: 'B8B5D1A3',
  winningPlan,
  rejectedPlans: [{ stage: 'IXSCAN', indexName: 'rejected' }],
  ...more,
});
const answerOf = (rest: object) => ({
  explainVersion: '1',
  command: { find: 'things', filter: { a: SECRET } },
  ...rest,
});
const planned = (winningPlan: object, more?: object) =>
  answerOf({ queryPlanner: plannerOf(winningPlan, more) });

const scan = { stage: 'COLLSCAN', filter: { a: { $eq: SECRET } }, direction: 'forward' };
const indexScan = {
  stage: 'IXSCAN',
  keyPattern: { a: 1 },
  indexName: 'a_1',
  indexBounds: { a: [`["${SECRET}", "${SECRET}"]`] },
};
const lookup = (strategy: string, more: object = {}) => ({
  stage: 'EQ_LOOKUP',
  foreignCollection: 'shop.others',
  localField: 'a',
  foreignField: 'b',
  asField: 'found',
  strategy,
  ...more,
});

const SCANNED = { stage: 'COLLSCAN', collection: things, fields: ['a'] };
const INDEXED = { stage: 'IXSCAN', collection: things, index: 'a_1' };

describe('the plan of the classic engine', () => {
  it('tells a collection that is looked through, and what an index would have to serve', () => {
    const plan = queryPlanOf(planned(scan));
    expect(plan).toEqual({
      stages: [SCANNED],
      scans: [things],
      indexes: [],
      planCacheShapeHash: 'D00757D1',
    });
    expect(planHints(plan)).toEqual([
      "Looks through 'shop.things' document by document; an index that serves its filter on 'a' can spare it that.",
    ]);
  });

  it('tells the index in use, and what is left to filter', () => {
    const plan = queryPlanOf(
      planned({ stage: 'FETCH', filter: { b: { $gt: SECRET } }, inputStage: indexScan }),
    );
    expect(plan.stages).toEqual([INDEXED, { stage: 'FETCH', fields: ['b'] }]);
    expect([plan.scans, plan.indexes, planHints(plan)]).toEqual([[], ['a_1'], []]);
  });

  it('finds the fields of nested conditions, and takes no operator for one', () => {
    const filter = {
      $and: [
        { $or: [{ c: { $eq: SECRET } }, { $nor: [{ 'd.e': { $not: { $eq: SECRET } } }] }] },
        { a: { $elemMatch: { x: SECRET } } },
        { $expr: { $eq: ['$f', { $const: SECRET }] } },
        { a: { $gt: 1 } },
      ],
    };
    const plan = queryPlanOf(planned({ stage: 'COLLSCAN', filter }));
    expect(plan.stages[0]?.fields).toEqual(['c', 'd.e', 'a']);
    expect(planHints(plan)[0]).toContain("its filter on 'c', 'd.e', 'a' can");
  });

  it('knows of no index for a filter without fields, or for no filter', () => {
    for (const filter of [{ $expr: { $gt: ['$a', '$b'] } }, undefined]) {
      expect(planHints(queryPlanOf(planned({ stage: 'COLLSCAN', filter })))).toEqual([
        "Looks through 'shop.things' document by document; its filter names no field that an index could serve.",
      ]);
    }
  });

  it('tells a sort in memory, which an index can only replace before anything else is done', () => {
    const sort = { stage: 'SORT', sortPattern: { b: 1, $computed0: { $meta: 'textScore' } } };
    const first = queryPlanOf(planned({ ...sort, inputStage: indexScan }));
    expect(first.stages).toEqual([INDEXED, { stage: 'SORT', fields: ['b'] }]);
    expect(planHints(first)).toEqual([
      "Sorts in memory by 'b'; an index that serves the filter and has this order can spare it that.",
    ]);
    const grouped = { stage: 'GROUP', inputStage: indexScan };
    expect(planHints(queryPlanOf(planned({ ...sort, inputStage: grouped })))).toEqual([]);
  });

  it.each(['COLLSCAN', 'FETCH', 'OR', 'SHARDING_FILTER'])(
    'knows that documents are still documents after %s',
    (stage) => {
      const sort = { stage: 'SORT', sortPattern: { b: 1, c: 1 }, inputStage: { stage } };
      expect(planHints(queryPlanOf(planned(sort))).at(-1)).toContain(
        "Sorts in memory by 'b', 'c';",
      );
    },
  );

  it('names no field of a sort by what was computed', () => {
    const sortPattern = { $computed0: { $meta: 'textScore' } };
    const plan = queryPlanOf(planned({ stage: 'SORT', sortPattern, inputStage: indexScan }));
    expect(planHints(plan)[0]).toMatch(/^Sorts in memory; an index/);
  });

  it('tells each different branch once', () => {
    const other = { ...indexScan, indexName: 'b_1' };
    const branches = [indexScan, other, indexScan, ...Array.from({ length: 50 }, () => other)];
    const plan = queryPlanOf(
      planned({ stage: 'SUBPLAN', inputStage: { stage: 'OR', inputStages: branches } }),
    );
    expect(plan.stages.map(({ stage, index }) => index ?? stage)).toEqual([
      'a_1',
      'b_1',
      'OR',
      'SUBPLAN',
    ]);
  });

  it('takes the look for one document by its id for what it is', () => {
    expect(queryPlanOf(planned({ stage: 'IDHACK' }))).toMatchObject({
      stages: [{ stage: 'IDHACK', collection: things, index: '_id_' }],
      indexes: ['_id_'],
    });
  });

  it('prefers the name that servers have had for the shape since 8.0', () => {
    const { planCacheShapeHash } = queryPlanOf(
      planned({ stage: 'EOF', isCached: false }, { planCacheShapeHash: 'NEW' }),
    );
    expect(planCacheShapeHash).toBe('NEW');
  });
});

describe('the plan of SBE', () => {
  it('is read from its tree, not from its text', () => {
    const slotBasedPlan = { slots: SECRET, stages: `filter {${SECRET}} COLLSCAN` };
    const plan = queryPlanOf(
      planned({ queryPlan: { stage: 'GROUP', inputStage: indexScan }, slotBasedPlan }),
    );
    expect(plan.stages).toEqual([INDEXED, { stage: 'GROUP' }]);
  });

  it.each(['HashJoin', 'NestedLoopJoin'])(
    'tells a lookup that looks through all: %s',
    (strategy) => {
      const plan = queryPlanOf(
        planned({ queryPlan: { ...lookup(strategy), inputStage: indexScan } }),
      );
      expect(plan.stages[1]).toEqual({
        stage: 'EQ_LOOKUP',
        collection: 'shop.others',
        strategy,
        fields: ['b'],
      });
      expect([plan.scans, plan.indexes]).toEqual([['shop.others'], ['a_1']]);
      expect(planHints(plan)).toEqual([
        `Looks through 'shop.others' document by document for a lookup (${strategy}); an index on 'b' there can spare it that.`,
      ]);
    },
  );

  it('tells a lookup by an index', () => {
    const queryPlan = {
      ...lookup('IndexedLoopJoin', { indexName: 'b_1', indexKeyPattern: { b: 1 } }),
      inputStage: indexScan,
    };
    const plan = queryPlanOf(planned({ queryPlan }));
    expect([plan.scans, plan.indexes, planHints(plan)]).toEqual([[], ['a_1', 'b_1'], []]);
  });
});

describe('the plan of an aggregation', () => {
  it('begins with what its cursor does, and goes on with the stages that are left', () => {
    const plan = queryPlanOf(
      answerOf({
        stages: [
          { $cursor: { queryPlanner: plannerOf(scan) } },
          { totalOutputDataSizeBytes: 1, $group: { _id: '$a', n: { $sum: { $const: SECRET } } } },
          { $sort: { sortKey: { n: -1 } } },
          {
            $unionWith: {
              coll: 'others',
              pipeline: [
                { $cursor: { queryPlanner: plannerOf(indexScan, { namespace: 'shop.others' }) } },
              ],
            },
          },
        ],
      }),
    );
    expect(plan.stages).toEqual([
      SCANNED,
      { stage: '$group' },
      { stage: '$sort', fields: ['n'] },
      { ...INDEXED, collection: 'shop.others' },
      { stage: '$unionWith' },
    ]);
    expect(plan.planCacheShapeHash).toBe('D00757D1');
  });

  it('takes nothing that a caller may have written for a plan', () => {
    const forged = {
      queryPlanner: plannerOf({ stage: SECRET }),
      sortKey: { [SECRET]: 1 },
      pipeline: [{ $limit: 1 }],
    };
    const plan = queryPlanOf(answerOf({ stages: [{ $match: forged }, { $project: forged }] }));
    expect(plan.stages).toEqual([{ stage: '$match' }, { stage: '$project' }]);
  });

  it('may begin with what is near', () => {
    const near = { stage: 'GEO_NEAR_2DSPHERE', indexName: 'place_2dsphere' };
    const plan = queryPlanOf(
      answerOf({ stages: [{ $geoNearCursor: { queryPlanner: plannerOf(near) } }] }),
    );
    expect(plan.indexes).toEqual(['place_2dsphere']);
    expect(plan.stages[0]).toEqual({ stage: 'GEO_NEAR_2DSPHERE', index: 'place_2dsphere' });
  });
});

describe('the plan of a sharded cluster', () => {
  const shard = (shardName: string, winningPlan: object) => ({
    shardName,
    ...plannerOf(winningPlan),
  });

  it('has the steps of all shards, and their names', () => {
    const plan = queryPlanOf(
      answerOf({
        queryPlanner: {
          winningPlan: {
            stage: 'SHARD_MERGE',
            shards: [
              shard('s1', { stage: 'SHARDING_FILTER', inputStage: indexScan }),
              shard('s2', { stage: 'SHARDING_FILTER', inputStage: indexScan }),
              shard('s3', { queryPlan: scan }),
            ],
          },
        },
      }),
    );
    expect(plan).toEqual({
      stages: [INDEXED, { stage: 'SHARDING_FILTER' }, SCANNED, { stage: 'SHARD_MERGE' }],
      scans: [things],
      indexes: ['a_1'],
      planCacheShapeHash: 'D00757D1',
      shards: ['s1', 's2', 's3'],
    });
  });

  it('has the steps after the shards of an aggregation', () => {
    const plan = queryPlanOf(
      answerOf({
        mergeType: 'mongos',
        splitPipeline: {
          shardsPart: [{ $match: { a: SECRET } }],
          mergerPart: [{ $mergeCursors: {} }, { $group: { _id: SECRET } }],
        },
        shards: {
          s1: { host: 'h:1', stages: [{ $cursor: { queryPlanner: plannerOf(scan) } }] },
          s2: { host: 'h:2', queryPlanner: plannerOf(scan) },
        },
      }),
    );
    expect(plan.stages).toEqual([SCANNED, { stage: '$mergeCursors' }, { stage: '$group' }]);
    expect(plan.shards).toEqual(['s1', 's2']);
  });
});

describe('no value of the question', () => {
  it('is part of a plan or of a hint, wherever the server repeats it', () => {
    const answers = [
      planned(scan),
      planned({ stage: 'FETCH', filter: { b: SECRET }, inputStage: indexScan }),
      planned({ queryPlan: lookup('HashJoin', { inputStage: scan }), slotBasedPlan: SECRET }),
      answerOf({
        stages: [{ $cursor: { queryPlanner: plannerOf(scan) } }, { $match: { a: SECRET } }],
      }),
    ];
    for (const answer of answers) {
      expect(JSON.stringify(answer)).toContain(SECRET);
      const plan = queryPlanOf(answer);
      expect(JSON.stringify([plan, planHints(plan)])).not.toContain(SECRET);
    }
  });

  it('and an answer of another form is no plan, but no error', () => {
    for (const odd of [
      {},
      { stages: 1 },
      { queryPlanner: null },
      { shards: [1], stages: [null, 2] },
      planned({ stage: 5, shards: [{ shardName: 5 }] }, { queryHash: 5 }),
    ]) {
      expect(queryPlanOf(odd)).toEqual({ stages: [], scans: [], indexes: [] });
    }
  });
});
