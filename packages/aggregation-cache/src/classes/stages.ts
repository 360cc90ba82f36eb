import {
  EXPRESSION,
  FILTER,
  LITERAL,
  type Note,
  type Place,
  place,
  UNCACHEABLE,
  VARIABLES,
} from '../keys/place.js';

/**
 * A stage whose own fields are options: their order means nothing. Inside the values order is kept: what
 * `$sort` and `$group` do, and how a result looks, depends on it.
 */
const options = (fields: Readonly<Record<string, Place>> = {}, note?: Note): Place =>
  place({ order: 'free', names: EXPRESSION, items: EXPRESSION, variables: true, fields, note });

const STAGE_PLACES = new Map<string, Place>();

/**
 * A stage that is not known may be random, may write, or may read what cannot be seen, so its answer is
 * never kept. Whatever looks like a stage inside is taken for one: a write is refused there too.
 */
const UNKNOWN: Place = {
  ...place({ variables: true, note: 'unknown' }),
  fields: STAGE_PLACES,
};
const INSIDE_UNKNOWN = { ...UNKNOWN, note: undefined };
for (const one of [UNKNOWN, INSIDE_UNKNOWN]) {
  Object.assign(one, { names: INSIDE_UNKNOWN, operators: INSIDE_UNKNOWN, items: INSIDE_UNKNOWN });
}

const STAGE: Place = { ...place({ names: UNKNOWN }), fields: STAGE_PLACES };

/** A list of stages. */
export const STAGES: Place = place({ items: STAGE, names: LITERAL });

/** Pipelines by name. The order of facets is that of the result's fields. */
const PIPELINES = place({ names: STAGES });

const RANKED = options({
  input: place({ order: 'free', names: EXPRESSION, fields: { pipelines: PIPELINES } }),
});
const WRITE = place({ note: 'write', names: LITERAL, items: LITERAL });

const COLLECTION = place({ note: 'collection', names: LITERAL, items: LITERAL });
const DATABASE = place({ note: 'database', names: LITERAL, items: LITERAL });
/** A name, or `{ db, coll }`; in this order the database is told of after its collection. */
const SOURCE = place({
  order: 'free',
  note: 'collection',
  names: LITERAL,
  items: LITERAL,
  fields: { coll: COLLECTION, db: DATABASE },
});

/** Every documented stage of MongoDB 6 to 8, and what its value is. */
const DOCUMENTED: Readonly<Record<string, Place>> = {
  $addFields: EXPRESSION,
  $bucket: options(),
  $bucketAuto: options(),
  $changeStream: UNCACHEABLE,
  $changeStreamSplitLargeEvent: UNCACHEABLE,
  $collStats: UNCACHEABLE,
  $count: LITERAL,
  $currentOp: UNCACHEABLE,
  $densify: options({ field: LITERAL, range: LITERAL, partitionByFields: LITERAL }),
  $documents: EXPRESSION,
  $facet: PIPELINES,
  $fill: options(),
  $geoNear: options({ query: FILTER }),
  $graphLookup: options({ from: SOURCE, restrictSearchWithMatch: FILTER }),
  $group: EXPRESSION,
  $indexStats: UNCACHEABLE,
  $limit: LITERAL,
  $listClusterCatalog: UNCACHEABLE,
  $listLocalSessions: UNCACHEABLE,
  $listSampledQueries: UNCACHEABLE,
  $listSearchIndexes: UNCACHEABLE,
  $listSessions: UNCACHEABLE,
  $lookup: options({ from: SOURCE, pipeline: STAGES, let: VARIABLES }),
  $match: FILTER,
  $merge: WRITE,
  $out: WRITE,
  $planCacheStats: UNCACHEABLE,
  $project: EXPRESSION,
  $querySettings: UNCACHEABLE,
  $queryStats: UNCACHEABLE,
  $rankFusion: RANKED,
  $redact: EXPRESSION,
  $replaceRoot: options(),
  $replaceWith: EXPRESSION,
  $sample: UNCACHEABLE,
  $score: EXPRESSION,
  $scoreFusion: RANKED,
  $search: UNCACHEABLE,
  $searchMeta: UNCACHEABLE,
  $set: EXPRESSION,
  $setWindowFields: options(),
  $shardedDataDistribution: UNCACHEABLE,
  $skip: LITERAL,
  $sort: LITERAL,
  $sortByCount: EXPRESSION,
  $unionWith: options({ coll: COLLECTION, db: DATABASE, pipeline: STAGES }, 'collection'),
  $unset: LITERAL,
  $unwind: options(),
  $vectorSearch: UNCACHEABLE,
};

for (const [name, spec] of Object.entries(DOCUMENTED)) STAGE_PLACES.set(name, spec);
