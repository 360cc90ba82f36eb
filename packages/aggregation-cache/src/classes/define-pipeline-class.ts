import type { CollationOptions, Document, Hint, TagSet } from 'mongodb';
import { invalidOption } from '../errors.js';
import type { StandardSchema } from '../ports/standard-schema.js';
import {
  LONGEST_MS,
  readChoice,
  readNumber,
  readText,
  refuseUnknown,
  requireMethods,
} from '../validation.js';
import { analysePipeline } from './analyse-pipeline.js';
import { type CollectionRef, readCollection, readCollectionRef } from './collection-ref.js';

/** Every default of a class, with the reason for its value. */
export const CLASS_DEFAULTS = {
  /** Raised by the author when the meaning of the rows changes; old values are then never met again. */
  version: 1,
  /** Milliseconds. Invalidation keeps rows right; this only bounds what an invalidation that never came can do. */
  ttlMs: 60_000,
  /** Share of the time to live that is taken off at random. Spreads the end of entries written together. */
  ttlJitter: 0.1,
  /** Milliseconds a member may work. An answer that takes longer is of no use to a request that waits. */
  maxTimeMs: 5_000,
} as const;

/** Options of an aggregation that belong to the class. All but `allowDiskUse` are part of the key. */
export interface AggregationOptions {
  readonly collation?: CollationOptions | undefined;
  readonly hint?: Hint | undefined;
  readonly let?: Document | undefined;
  /** Lets the server spill to disk. Default: the server's. */
  readonly allowDiskUse?: boolean | undefined;
}

export interface PipelineClassOptions<Input, Params, Row> {
  /** Name in events, statistics and keys. */
  readonly name: string;
  readonly collection: string;
  /** Raise it when the meaning of the rows changes. A whole number from 1; default 1. */
  readonly version?: number | undefined;
  /** Builds the stages from the parameters of a read. Must be pure: same parameters, same stages. */
  readonly pipeline: ((params: Params) => Document[]) | readonly Document[];
  /** Checks and types the parameters. Default: unchecked. */
  readonly params?: StandardSchema<Input, Params> | undefined;
  /** Checks and types each row, before it is kept and again when it comes from the remote store. Default: unchecked. */
  readonly rows?: StandardSchema<unknown, Row> | undefined;
  /** Tags of the members to read from, the most wanted first. Default: none, so the primary. */
  readonly members?: readonly TagSet[] | undefined;
  /** Whether the primary answers when none of `members` can. Default `last`. */
  readonly primary?: 'last' | 'never' | undefined;
  /** Milliseconds a result is kept at most; 1 to 30 days; default 60,000. */
  readonly ttlMs?: number | undefined;
  /** Share of `ttlMs` taken off at random; 0 to 0.9; default 0.1. */
  readonly ttlJitter?: number | undefined;
  /** Milliseconds a member may work on it (`maxTimeMS`); 1 to 1 hour; default 5,000. */
  readonly maxTimeMs?: number | undefined;
  /** Further collections it depends on, such as those behind a view. Those in the pipeline are found. */
  readonly dependsOn?: readonly CollectionRef[] | undefined;
  /** `required`: a read without a tenant is refused. The tenant is always part of the key. Default `optional`. */
  readonly tenant?: 'required' | 'optional' | undefined;
  readonly options?: AggregationOptions | undefined;
}

/** One kind of aggregation: what it asks, who answers, how long the answer is good. Frozen. */
export interface PipelineClass<Input = unknown, Params = Input, Row = Document> {
  readonly name: string;
  readonly collection: string;
  readonly version: number;
  readonly build: (params: Params) => Document[];
  readonly params: StandardSchema<Input, Params> | undefined;
  readonly rows: StandardSchema<unknown, Row> | undefined;
  readonly members: readonly TagSet[];
  readonly primary: 'last' | 'never';
  readonly ttlMs: number;
  readonly ttlJitter: number;
  readonly maxTimeMs: number;
  readonly dependsOn: readonly CollectionRef[];
  readonly tenant: 'required' | 'optional';
  readonly options: AggregationOptions;
}

/** A class whose types do not matter. */
export type AnyPipelineClass = Omit<PipelineClass, 'build' | 'params' | 'rows'>;

const KNOWN = [
  'name',
  'collection',
  'version',
  'pipeline',
  'params',
  'rows',
  'members',
  'primary',
  'ttlMs',
  'ttlJitter',
  'maxTimeMs',
  'dependsOn',
  'tenant',
  'options',
];

/**
 * Declares a kind of aggregation. A pipeline that is given as an array is looked through at once; one
 * that is built, at each read.
 * @throws INVALID_OPTION for a class that could never work
 * @throws WRITE_STAGE for an array of stages that writes
 */
export const definePipelineClass = <Params = void, Row = Document, Input = Params>(
  options: PipelineClassOptions<Input, Params, Row>,
): PipelineClass<Input, Params, Row> => {
  refuseUnknown('', options, KNOWN);
  const members = readMembers(options.members);
  const primary = readChoice('primary', options.primary, 'last', ['last', 'never']);
  if (members.length === 0 && primary === 'never') {
    throw invalidOption('members', options.members, "a list of tags when primary is 'never'");
  }
  return Object.freeze({
    name: readText('name', options.name),
    collection: readCollection('collection', options.collection),
    version: readNumber('version', options.version, CLASS_DEFAULTS.version, {
      min: 1,
      max: 1_000_000,
    }),
    build: readPipeline(options.pipeline),
    params: readSchema('params', options.params),
    rows: readSchema('rows', options.rows),
    members,
    primary,
    ttlMs: readNumber('ttlMs', options.ttlMs, CLASS_DEFAULTS.ttlMs, {
      min: 1,
      max: LONGEST_MS,
      unit: 'ms',
    }),
    ttlJitter: readNumber('ttlJitter', options.ttlJitter, CLASS_DEFAULTS.ttlJitter, {
      min: 0,
      max: 0.9,
      integer: false,
    }),
    maxTimeMs: readNumber('maxTimeMs', options.maxTimeMs, CLASS_DEFAULTS.maxTimeMs, {
      min: 1,
      max: 3_600_000,
      unit: 'ms',
    }),
    dependsOn: readDependencies(options.dependsOn),
    tenant: readChoice('tenant', options.tenant, 'optional', ['required', 'optional']),
    options: readAggregationOptions(options.options),
  });
};

const readPipeline = <Params>(
  pipeline: PipelineClassOptions<unknown, Params, unknown>['pipeline'],
): ((params: Params) => Document[]) => {
  if (typeof pipeline === 'function') return pipeline;
  if (!Array.isArray(pipeline)) {
    throw invalidOption(
      'pipeline',
      pipeline,
      'a function that returns stages, or an array of stages',
    );
  }
  analysePipeline(pipeline, '');
  const stages = [...(pipeline as readonly Document[])];
  return () => [...stages];
};

const readMembers = (members: unknown = []): readonly TagSet[] => {
  if (!Array.isArray(members)) throw invalidOption('members', members, 'a list of tag sets');
  return Object.freeze(
    members.map((tags: unknown, index) => {
      const option = `members.${index}`;
      refuseUnknown(option, tags, Object.keys(Object(tags)));
      const entries = Object.entries(tags as object);
      // An empty set would match every secondary, which is hardly what an empty object was meant to say.
      if (entries.length === 0) throw invalidOption(option, tags, 'at least one tag');
      for (const [tag, value] of entries) readText(`${option}.${tag}`, value);
      return Object.freeze(Object.fromEntries(entries) as TagSet);
    }),
  );
};

const readDependencies = (refs: unknown = []): readonly CollectionRef[] => {
  if (!Array.isArray(refs)) throw invalidOption('dependsOn', refs, 'a list of collections');
  return Object.freeze(refs.map((ref, index) => readCollectionRef(`dependsOn.${index}`, ref)));
};

const readSchema = <T>(option: string, schema: T): T => {
  if (schema === undefined) return schema;
  const standard: unknown = (Object(schema) as { '~standard'?: unknown })['~standard'];
  requireMethods(option, standard, ['validate']);
  return schema;
};

const readAggregationOptions = (options: AggregationOptions = {}): AggregationOptions => {
  refuseUnknown('options', options, ['collation', 'hint', 'let', 'allowDiskUse']);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.freeze(Object.fromEntries(given));
};
