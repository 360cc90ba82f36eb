import type { TagSet } from 'mongodb';
import { invalidOption } from '../errors.js';
import { readBreaker } from '../read-breaker.js';
import { LONGEST_MS, readChoice, readNumber, readText, refuseUnknown } from '../validation.js';
import { CLASS_DEFAULTS } from './class-defaults.js';
import type { ClassOptions } from './class-options.js';
import { type CollectionRef, readCollection, readCollectionRef } from './collection-ref.js';
import { keepConstant } from './keep-constant.js';
import type { AggregationOptions } from './operation.js';
import type { PipelineClass } from './pipeline-class.js';
import { requirePossibleTimes } from './possible-times.js';
import { readTags } from './read-tags.js';

const KNOWN = [
  'name',
  'collection',
  'version',
  'params',
  'rows',
  'members',
  'primary',
  'mode',
  'lagBudgetMs',
  'ttlMs',
  'ttlJitter',
  'emptyTtlMs',
  'negativeMs',
  'staleWhileRevalidateMs',
  'staleIfErrorMs',
  'softTimeoutMs',
  'hardTimeoutMs',
  'maxTimeMs',
  'earlyRefresh',
  'hedgeDelayMs',
  'breaker',
  'personal',
  'compress',
  'auditRate',
  'tags',
  'freezeNowMs',
  'dependsOn',
  'tenant',
  'options',
];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Every class but for what it asks. */
export type ClassBase<Input, Params, Row> = Omit<
  PipelineClass<Input, Params, Row>,
  'kind' | 'build' | 'isConstant' | 'unwrap'
>;

/**
 * Copies, checks and fills up what all kinds of classes take.
 * @param more options that this kind takes beside
 * @param allowed which of {@link AggregationOptions} this kind takes
 * @throws INVALID_OPTION
 */
export const readClassOptions = <Input, Params, Row>(
  options: ClassOptions<Input, Params, Row>,
  more: readonly string[],
  allowed: readonly (keyof AggregationOptions)[],
): ClassBase<Input, Params, Row> => {
  refuseUnknown('', options, [...KNOWN, ...more]);
  const members = readMembers(options.members);
  const primary = readChoice('primary', options.primary, CLASS_DEFAULTS.primary, ['last', 'never']);
  if (members.length === 0 && primary === 'never') {
    throw invalidOption('members', options.members, "a list of tags when primary is 'never'");
  }
  return {
    name: readText('name', options.name),
    collection: readCollection('collection', options.collection),
    version: readNumber('version', options.version, CLASS_DEFAULTS.version, {
      min: 1,
      max: 1_000_000,
    }),
    params: readSchema('params', options.params),
    rows: readSchema('rows', options.rows),
    members,
    primary,
    mode: readChoice('mode', options.mode, CLASS_DEFAULTS.mode, ['strict', 'bounded', 'eventual']),
    ...readTimes(options),
    earlyRefresh: readNumber('earlyRefresh', options.earlyRefresh, CLASS_DEFAULTS.earlyRefresh, {
      min: 0,
      max: 10,
      integer: false,
    }),
    hedgeDelayMs: readHedgeDelay(options.hedgeDelayMs),
    breaker: readBreaker('breaker', options.breaker),
    personal: readFlag('personal', options.personal, CLASS_DEFAULTS.personal),
    compress: readChoice('compress', options.compress, CLASS_DEFAULTS.compress, ['auto', 'off']),
    auditRate: readNumber('auditRate', options.auditRate, CLASS_DEFAULTS.auditRate, {
      min: 0,
      max: 1_000_000_000,
    }),
    tags: readTags(options.tags),
    dependsOn: readDependencies(options.dependsOn),
    tenant: readChoice('tenant', options.tenant, CLASS_DEFAULTS.tenant, ['required', 'optional']),
    options: readAggregationOptions(options.options, allowed),
  };
};

type Times = Pick<
  PipelineClass,
  | 'lagBudgetMs'
  | 'ttlMs'
  | 'ttlJitter'
  | 'emptyTtlMs'
  | 'negativeMs'
  | 'staleWhileRevalidateMs'
  | 'staleIfErrorMs'
  | 'softTimeoutMs'
  | 'hardTimeoutMs'
  | 'maxTimeMs'
  | 'freezeNowMs'
>;

const readTimes = (options: { readonly [K in keyof Times]?: unknown }): Times => {
  const number = (option: keyof Times, fallback: number, min: number, max: number): number =>
    readNumber(option, options[option], fallback, { min, max, unit: 'ms' });
  const maybe = (option: keyof Times, min: number, max: number): number | undefined =>
    options[option] === undefined ? undefined : number(option, 0, min, max);
  const ttlMs = number('ttlMs', CLASS_DEFAULTS.ttlMs, 1, LONGEST_MS);
  const times: Times = {
    lagBudgetMs: maybe('lagBudgetMs', 1, MINUTE),
    ttlMs,
    ttlJitter: readNumber('ttlJitter', options.ttlJitter, CLASS_DEFAULTS.ttlJitter, {
      min: 0,
      max: 0.9,
      integer: false,
    }),
    emptyTtlMs: number('emptyTtlMs', ttlMs, 1, LONGEST_MS),
    negativeMs: number('negativeMs', CLASS_DEFAULTS.negativeMs, 0, MINUTE),
    staleWhileRevalidateMs: number(
      'staleWhileRevalidateMs',
      CLASS_DEFAULTS.staleWhileRevalidateMs,
      0,
      LONGEST_MS,
    ),
    staleIfErrorMs: number('staleIfErrorMs', CLASS_DEFAULTS.staleIfErrorMs, 0, LONGEST_MS),
    softTimeoutMs: maybe('softTimeoutMs', 1, HOUR),
    hardTimeoutMs: maybe('hardTimeoutMs', 1, HOUR),
    maxTimeMs: number('maxTimeMs', CLASS_DEFAULTS.maxTimeMs, 1, HOUR),
    freezeNowMs: maybe('freezeNowMs', 1, DAY),
  };
  requirePossibleTimes(times);
  return times;
};

const readHedgeDelay = (delay: unknown): 'p95' | number | undefined => {
  if (delay === undefined || delay === CLASS_DEFAULTS.hedgeDelayMs) return undefined;
  if (delay === 'p95') return delay;
  const fits = Number.isInteger(delay) && Number(delay) >= 1 && Number(delay) <= MINUTE;
  if (fits) return Number(delay);
  throw invalidOption(
    'hedgeDelayMs',
    delay,
    `'p95', 'off', or a whole number from 1 to ${MINUTE} (ms)`,
  );
};

const readFlag = (option: string, value: unknown, fallback: boolean): boolean => {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw invalidOption(option, value, 'true or false');
  return value;
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
  if (typeof (Object(standard) as { validate?: unknown }).validate === 'function') return schema;
  throw invalidOption(option, schema, 'a Standard Schema, such as one of zod or valibot');
};

const readAggregationOptions = (
  options: AggregationOptions = {},
  allowed: readonly (keyof AggregationOptions)[],
): AggregationOptions => {
  refuseUnknown('options', options, allowed);
  requireFitting(options);
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.freeze(keepConstant('options', Object.fromEntries(given)));
};

/** What the driver would send as it is, for the server to refuse or, worse, to leave unheeded. @throws INVALID_OPTION */
const requireFitting = (options: AggregationOptions): void => {
  const { collation, hint, let: variables, allowDiskUse } = options;
  if (collation !== undefined && typeof Object(collation).locale !== 'string') {
    throw invalidOption('options.collation', collation, 'an object with a locale');
  }
  if (hint !== undefined && typeof hint !== 'string' && !isObject(hint)) {
    throw invalidOption('options.hint', hint, "an index' name, or its fields");
  }
  if (variables !== undefined && !isObject(variables)) {
    throw invalidOption('options.let', variables, 'an object of variables');
  }
  if (allowDiskUse !== undefined) readFlag('options.allowDiskUse', allowDiskUse, false);
};

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
