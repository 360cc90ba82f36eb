import type { Document } from 'mongodb';
import { analysePipeline } from '../classes/analyse-pipeline.js';
import { namespaceOf } from '../classes/collection-ref.js';
import type { AggregationOptions, PipelineClass } from '../classes/define-pipeline-class.js';
import { AggregationCacheError, invalidOption } from '../errors.js';
import { cacheKey } from '../keys/cache-key.js';
import { copyStages, copyValue } from '../keys/copy-stages.js';
import { localKey } from '../keys/local-key.js';
import type { StandardSchema } from '../ports/standard-schema.js';
import { validate } from '../validate-schema.js';

/** One question, ready to be looked up or asked. */
export interface PreparedRead<Row> {
  readonly pipelineClass: PipelineClass<never, never, Row>;
  readonly pipeline: Document[];
  /** The aggregation's options, as they were when the key was made. */
  readonly options: AggregationOptions;
  readonly key: string;
  /** The key of what this process keeps; see {@link localKey}. */
  readonly localKey: string;
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
  const { name, version, collection } = pipelineClass;
  if (tenant !== undefined && typeof tenant !== 'string') {
    // Whatever is no text may be one key for all, such as the null of a user without a tenant.
    throw invalidOption('tenant', tenant, 'a text');
  }
  if (pipelineClass.tenant === 'required' && (tenant === undefined || tenant === '')) {
    throw new AggregationCacheError(
      'TENANT_REQUIRED',
      `'${name}' keeps its tenants apart; a read must name one.`,
      { pipelineClass: name },
    );
  }
  // From the copies to the key nothing waits, so that what is asked later is what the key stands for. Without
  // a schema that begins within the call: changing the parameters afterwards changes nothing of this read.
  const params =
    pipelineClass.params === undefined
      ? (input as unknown as Params)
      : await checkParams(pipelineClass.name, pipelineClass.params, input);
  const pipeline = copyStages(pipelineClass.build(params), context);
  const options = copyValue(pipelineClass.options, 'options', context) as AggregationOptions;
  const { database } = context;
  // Variables of the whole aggregation are expressions too.
  const asked = options.let === undefined ? pipeline : [...pipeline, options.let];
  const { reads, uncacheable } = analysePipeline(asked, database);
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
    options,
    key,
    localKey: localKey(key, pipelineClass.rows),
    namespaces: [...namespaces].sort(),
    uncacheable,
  };
};

const checkParams = async <Input, Params>(
  name: string,
  schema: StandardSchema<Input, Params>,
  input: Input,
): Promise<Params> => {
  const checked = await validate(schema, input);
  if (checked.issues === undefined) return checked.value;
  const places = checked.issues.map(({ path, message }) => `${path || '(value)'}: ${message}`);
  throw new AggregationCacheError(
    'INVALID_PARAMETERS',
    `The parameters of '${name}' do not fit: ${places.join('; ')}.`,
    { pipelineClass: name, issues: checked.issues },
  );
};
