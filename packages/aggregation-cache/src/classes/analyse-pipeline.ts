import type { Document } from 'mongodb';
import { AggregationCacheError } from '../errors.js';

/** What a pipeline says about itself. */
export interface PipelineAnalysis {
  /** `database.collection` of everything it reads, beside its own collection. */
  readonly reads: ReadonlySet<string>;
  /** The first thing in it whose answer differs from call to call or from caller to caller, if any. */
  readonly uncacheable: string | undefined;
}

/** Stages that change a collection. */
const WRITE_STAGES = new Set(['$out', '$merge']);

/** Stages and operators that answer differently each time, or by who asks, or by what else the server does. */
const UNCACHEABLE_OPERATORS = new Set([
  '$rand',
  '$sample',
  '$sampleRate',
  '$function',
  '$accumulator',
  '$where',
  '$currentOp',
  '$collStats',
  '$indexStats',
  '$planCacheStats',
  '$listSessions',
  '$listLocalSessions',
  '$listSampledQueries',
  '$listClusterCatalog',
  '$querySettings',
  '$queryStats',
  '$shardedDataDistribution',
  '$changeStream',
  '$search',
  '$searchMeta',
  '$vectorSearch',
]);

const UNCACHEABLE_VARIABLE = /^\$\$(NOW|CLUSTER_TIME|USER_ROLES)(\.|$)/;

interface Walk {
  readonly database: string;
  readonly reads: Set<string>;
  uncacheable: string | undefined;
  readonly above: Set<object>;
}

/**
 * Reads a pipeline without knowing every stage: whatever looks like a reading stage is taken for one at
 * any depth, so that stages yet unknown that nest pipelines are followed too. Too many dependencies cost
 * a needless miss; one too few would be a stale answer.
 * @throws WRITE_STAGE if it writes, at any depth
 */
export const analysePipeline = (
  pipeline: readonly Document[],
  database: string,
): PipelineAnalysis => {
  const walk: Walk = { database, reads: new Set(), uncacheable: undefined, above: new Set() };
  visit(pipeline, walk);
  return { reads: walk.reads, uncacheable: walk.uncacheable };
};

const visit = (value: unknown, walk: Walk): void => {
  if (typeof value === 'string') {
    if (UNCACHEABLE_VARIABLE.test(value)) walk.uncacheable ??= value;
    return;
  }
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return;
  // A cycle has no end; the key refuses it with its path.
  if (walk.above.has(value)) return;
  walk.above.add(value);
  if (Array.isArray(value)) for (const item of value) visit(item, walk);
  else if (value instanceof Map)
    for (const [key, item] of value) visitEntry(String(key), item, walk);
  else for (const [key, item] of Object.entries(value)) visitEntry(key, item, walk);
  walk.above.delete(value);
};

const visitEntry = (key: string, value: unknown, walk: Walk): void => {
  // A literal is data: a text in it that looks like a variable is no variable.
  if (key === '$literal') return;
  if (WRITE_STAGES.has(key)) {
    throw new AggregationCacheError(
      'WRITE_STAGE',
      `A pipeline class only reads; this pipeline has ${key}.`,
      { stage: key },
    );
  }
  if (UNCACHEABLE_OPERATORS.has(key)) walk.uncacheable ??= key;
  if (key === '$lookup' || key === '$graphLookup') addSource(field(value, 'from'), walk);
  if (key === '$unionWith') addSource(value, walk);
  visit(value, walk);
};

/** A source is a collection's name, or an object with `db` and `coll`; `$unionWith` may leave the database out. */
const addSource = (source: unknown, walk: Walk): void => {
  const collection = typeof source === 'string' ? source : field(source, 'coll');
  const database = field(source, 'db') ?? walk.database;
  if (typeof collection !== 'string' || typeof database !== 'string') return;
  walk.reads.add(`${database}.${collection}`);
};

const field = (value: unknown, name: string): unknown => {
  if (value instanceof Map) return value.get(name);
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
};
