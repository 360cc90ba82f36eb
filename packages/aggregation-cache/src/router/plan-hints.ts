import { isScan, type PlanStage, type QueryPlan } from './query-plan.js';

/** What a plan shows that an index can change, a sentence each. None if it shows nothing of the kind. */
export const planHints = ({ stages }: QueryPlan): readonly string[] =>
  stages.flatMap((stage, place) => {
    if (isScan(stage)) return [aboutScan(stage)];
    const isFirst = stages.slice(0, place).every((before) => KEEPS_DOCUMENTS.has(before.stage));
    return stage.stage === 'SORT' && isFirst ? [aboutSort(stage)] : [];
  });

/** After anything else, rows are no longer what an index has an order of. */
const KEEPS_DOCUMENTS = new Set(['COLLSCAN', 'IXSCAN', 'FETCH', 'OR', 'SHARDING_FILTER']);

const aboutScan = ({ collection, strategy, fields = [] }: PlanStage): string => {
  const scan = `Looks through '${collection}' document by document`;
  if (strategy !== undefined) {
    return `${scan} for a lookup (${strategy}); an index on ${listed(fields)} there can spare it that.`;
  }
  return fields.length === 0
    ? `${scan}; its filter names no field that an index could serve.`
    : `${scan}; an index that serves its filter on ${listed(fields)} can spare it that.`;
};

const aboutSort = ({ fields = [] }: PlanStage): string => {
  const by = fields.length === 0 ? '' : ` by ${listed(fields)}`;
  return `Sorts in memory${by}; an index that serves the filter and has this order can spare it that.`;
};

const listed = (fields: readonly string[]): string =>
  fields.map((field) => `'${field}'`).join(', ');
