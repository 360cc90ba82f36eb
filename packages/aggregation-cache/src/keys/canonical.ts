import type { Document } from 'mongodb';
import { AggregationCacheError } from '../errors.js';

/**
 * Stages whose own fields are options: their order means nothing, so it is made one. Inside the values,
 * and in every stage that is not listed, order is kept: `$sort`, `$group`, `$project`, literals and
 * embedded documents answer differently in another order.
 */
const OPTION_STAGES = new Set([
  '$lookup',
  '$graphLookup',
  '$unionWith',
  '$bucket',
  '$bucketAuto',
  '$geoNear',
  '$fill',
  '$densify',
  '$setWindowFields',
  '$unwind',
  '$replaceRoot',
]);

/** Values of a stage's options that are filters, and those that are variables independent of each other. */
const FILTER_FIELDS = new Set(['restrictSearchWithMatch', 'query']);
const VARIABLES_FIELD = 'let';

/** Operators whose value is a list of filters. */
const FILTER_LISTS = new Set(['$and', '$or', '$nor']);

/** Options that change how a result is made, never what it is. */
const MEANINGLESS_OPTIONS = new Set([
  'maxTimeMS',
  'comment',
  'allowDiskUse',
  'batchSize',
  'cursor',
  'readPreference',
  'signal',
  'session',
]);

/** Options whose value is a set of fields in any order. */
const UNORDERED_OPTIONS = new Set(['collation', 'let']);

/** A pipeline in which spellings of one meaning are one spelling. @throws UNSUPPORTED_VALUE */
export const canonicalPipeline = (pipeline: readonly unknown[], path = 'pipeline'): Document[] =>
  pipeline.map((stage, index) => canonicalStage(stage, `${path}.${index}`));

/** Options that matter for the answer, in one order. @throws UNSUPPORTED_VALUE */
export const canonicalOptions = (options: Document): Document => {
  const canonical: Document = {};
  for (const name of Object.keys(options).sort()) {
    const value: unknown = options[name];
    if (MEANINGLESS_OPTIONS.has(name) || value === undefined) continue;
    checkEncodable(value, `options.${name}`, []);
    canonical[name] = UNORDERED_OPTIONS.has(name) && isPlain(value) ? sorted(value) : value;
  }
  return canonical;
};

const canonicalStage = (stage: unknown, path: string): Document => {
  checkEncodable(stage, path, []);
  if (!isPlain(stage)) return stage as Document;
  const canonical: Document = {};
  for (const [name, spec] of Object.entries(stage)) {
    if (name === '$facet' && isPlain(spec)) {
      // The order of the facets is the order of the result's fields.
      canonical[name] = mapValues(spec, (sub, key) => nested(sub, `${path}.${name}.${key}`));
    } else if (name === '$match') {
      canonical[name] = canonicalFilter(spec);
    } else if (OPTION_STAGES.has(name) && isPlain(spec)) {
      canonical[name] = sorted(
        mapValues(spec, (value, key) => canonicalField(value, key, `${path}.${name}.${key}`)),
      );
    } else canonical[name] = spec;
  }
  return canonical;
};

const canonicalField = (value: unknown, key: string, path: string): unknown => {
  if (key === 'pipeline') return nested(value, path);
  if (FILTER_FIELDS.has(key)) return canonicalFilter(value);
  return key === VARIABLES_FIELD && isPlain(value) ? sorted(value) : value;
};

/** The fields of a filter are a conjunction, and so are the operators on one field; values stay as they are. */
const canonicalFilter = (filter: unknown): unknown => {
  if (!isPlain(filter)) return filter;
  return sorted(
    mapValues(filter, (value, key) => {
      if (FILTER_LISTS.has(key) && Array.isArray(value)) return value.map(canonicalFilter);
      return !key.startsWith('$') && isOperators(value) ? sorted(value) : value;
    }),
  );
};

/** `{ $gte, $lt }`, but not a reference, which is a value whose order counts. */
const isOperators = (value: unknown): value is Document => {
  if (!isPlain(value) || '$ref' in value) return false;
  return Object.keys(value).every((key) => key.startsWith('$'));
};

const nested = (pipeline: unknown, path: string): unknown =>
  Array.isArray(pipeline) ? canonicalPipeline(pipeline, path) : pipeline;

/** Keys such as `__proto__` must become own fields like any other, so no plain assignment. */
const mapValues = (
  value: Document,
  map: (value: unknown, key: string) => unknown,
): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item, key)]));

const sorted = (value: Document): Document =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

const isPlain = (value: unknown): value is Document =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Map) &&
  !('_bsontype' in value) &&
  typeof (value as { toBSON?: unknown }).toBSON !== 'function' &&
  !(value instanceof Date) &&
  !(value instanceof RegExp) &&
  !ArrayBuffer.isView(value);

/** Refuses what BSON would drop or bend in silence, for then two different values would share one key. */
export const checkEncodable = (value: unknown, path: string, above: readonly object[]): void => {
  if (typeof value === 'function' || typeof value === 'symbol')
    throw unsupported(path, typeof value);
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
    throw unsupported(path, 'integer of more than 64 bits');
  }
  if (typeof value !== 'object' || value === null || '_bsontype' in value) return;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw unsupported(path, 'invalid date');
    return;
  }
  if (value instanceof RegExp || ArrayBuffer.isView(value)) return;
  if (value instanceof Set || value instanceof Promise) {
    throw unsupported(path, value.constructor.name);
  }
  if (above.includes(value)) throw unsupported(path, 'cycle');
  const chain = [...above, value];
  const entries = value instanceof Map ? value : Object.entries(value);
  for (const [key, item] of entries) checkEncodable(item, `${path}.${String(key)}`, chain);
};

/** A value that BSON would drop or bend. */
export const unsupported = (
  path: string,
  kind: string,
): AggregationCacheError<'UNSUPPORTED_VALUE'> =>
  new AggregationCacheError(
    'UNSUPPORTED_VALUE',
    `The value at '${path}' cannot be part of a key: ${kind}.`,
    { path, kind },
  );
