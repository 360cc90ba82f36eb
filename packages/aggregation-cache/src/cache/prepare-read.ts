import type { Document } from 'mongodb';
import { analysePipeline } from '../classes/analyse-pipeline.js';
import { namespaceOf } from '../classes/collection-ref.js';
import type { PipelineClass } from '../classes/define-pipeline-class.js';
import { AggregationCacheError } from '../errors.js';
import { cacheKey } from '../keys/cache-key.js';
import { validate } from '../validate-schema.js';

/** One question, ready to be looked up or asked. */
export interface PreparedRead<Row> {
  readonly pipelineClass: PipelineClass<never, never, Row>;
  readonly pipeline: Document[];
  readonly key: string;
  /** Everything it depends on, in one order, each once. */
  readonly namespaces: readonly string[];
  /** What makes it answer differently each time, if anything does. */
  readonly uncacheable: string | undefined;
}

export interface ReadContext {
  readonly database: string;
  readonly ignoreUndefined: boolean;
  /** Keeps apart what shares a remote store. */
  readonly keyPrefix: string;
}

/** @throws TENANT_REQUIRED, INVALID_PARAMETERS, WRITE_STAGE, UNSUPPORTED_VALUE, and what the builder throws */
export const prepareRead = async <Input, Params, Row>(
  pipelineClass: PipelineClass<Input, Params, Row>,
  input: Input,
  tenant: string | undefined,
  context: ReadContext,
): Promise<PreparedRead<Row>> => {
  const { name, version, collection, options } = pipelineClass;
  if (pipelineClass.tenant === 'required' && (tenant === undefined || tenant === '')) {
    throw new AggregationCacheError(
      'TENANT_REQUIRED',
      `'${name}' keeps its tenants apart; a read must name one.`,
      { pipelineClass: name },
    );
  }
  const pipeline = pipelineClass.build(await readParams(pipelineClass, input));
  const { database } = context;
  const { reads, uncacheable } = analysePipeline(pipeline, database);
  const namespaces = new Set([
    namespaceOf(collection, database),
    ...reads,
    ...pipelineClass.dependsOn.map((ref) => namespaceOf(ref, database)),
  ]);
  const key = cacheKey({
    database,
    collection,
    pipeline,
    options,
    tenant,
    pipelineClass: { name, version },
    ignoreUndefined: context.ignoreUndefined,
    prefix: context.keyPrefix,
  });
  return {
    pipelineClass: pipelineClass as unknown as PipelineClass<never, never, Row>,
    pipeline,
    key,
    namespaces: [...namespaces].sort(),
    uncacheable,
  };
};

const readParams = async <Input, Params>(
  { name, params }: Pick<PipelineClass<Input, Params>, 'name' | 'params'>,
  input: Input,
): Promise<Params> => {
  // Without a schema nothing tells the two types apart: they are one.
  if (params === undefined) return input as unknown as Params;
  const checked = await validate(params, input);
  if (checked.issues === undefined) return checked.value;
  const places = checked.issues.map(({ path, message }) => `${path || '(value)'}: ${message}`);
  throw new AggregationCacheError(
    'INVALID_PARAMETERS',
    `The parameters of '${name}' do not fit: ${places.join('; ')}.`,
    { pipelineClass: name, issues: checked.issues },
  );
};
