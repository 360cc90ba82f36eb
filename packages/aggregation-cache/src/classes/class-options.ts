import type { TagSet } from 'mongodb';
import type { BreakerTuning } from '../options.js';
import type { StandardSchema } from '../ports/standard-schema.js';
import type { CollectionRef } from './collection-ref.js';
import type { AggregationOptions } from './operation.js';
import type { ReadMode } from './pipeline-class.js';

/** A constant, or how to make it from the parameters of a read. Must be pure: same parameters, same value. */
export type Built<Params, Value> = Value | ((params: Params) => Value);

/** What all kinds of classes take. */
export interface ClassOptions<Input, Params, Row> {
  /** Name in events, statistics and keys. */
  readonly name: string;
  /** Of the cache's database; may be a view. */
  readonly collection: string;
  /** Raise it when the meaning of the rows changes. A whole number from 1; default 1. */
  readonly version?: number | undefined;
  /** Checks and types the parameters. Default: unchecked. */
  readonly params?: StandardSchema<Input, Params> | undefined;
  /** Checks and types each row, before it is kept and again when it comes from the remote store. Default: unchecked. */
  readonly rows?: StandardSchema<unknown, Row> | undefined;
  /** Tags of the members to read from, the most wanted first. Default: none, so the primary. */
  readonly members?: readonly TagSet[] | undefined;
  /** Whether the primary answers when none of `members` can. Default `last`. */
  readonly primary?: 'last' | 'never' | undefined;
  /** How sure an answer must be; see {@link ReadMode}. Default `bounded`. */
  readonly mode?: ReadMode | undefined;
  /** Milliseconds a member may lag and still be asked; 1 to 1 minute; default: the cache's. */
  readonly lagBudgetMs?: number | undefined;
  /** Milliseconds a result is kept at most; 1 to 30 days; default 60,000. */
  readonly ttlMs?: number | undefined;
  /** Share of `ttlMs` taken off at random; 0 to 0.9; default 0.1. */
  readonly ttlJitter?: number | undefined;
  /** Milliseconds a result without rows is kept; 1 to 30 days; default: `ttlMs`. */
  readonly emptyTtlMs?: number | undefined;
  /** Milliseconds a failing question is not asked again; 0 to 1 minute; default 1,000. */
  readonly negativeMs?: number | undefined;
  /** Milliseconds after its end that a result is answered while one reader refreshes it; 0 to 30 days; default 0. */
  readonly staleWhileRevalidateMs?: number | undefined;
  /** Milliseconds after its end that a result is answered if the source fails; 0 to 30 days; default 0. */
  readonly staleIfErrorMs?: number | undefined;
  /**
   * Milliseconds after which a result past its end is answered, if one is allowed, while the load goes on; 1 to 1
   * hour, below `hardTimeoutMs`. Default: never.
   */
  readonly softTimeoutMs?: number | undefined;
  /** Milliseconds a read may take in all; 1 to 1 hour. Default: no limit but those of its parts. */
  readonly hardTimeoutMs?: number | undefined;
  /** Milliseconds a member may work on it (`maxTimeMS`); 1 to 1 hour; default 5,000. */
  readonly maxTimeMs?: number | undefined;
  /** How eagerly a result is refreshed before its end (beta of XFetch); 0 to 10, 0 for never; default 1. */
  readonly earlyRefresh?: number | undefined;
  /** Milliseconds after which a second member is asked too, 1 to 1 minute; or the class's `p95`, or `off`. Default `off`. */
  readonly hedgeDelayMs?: 'p95' | 'off' | number | undefined;
  /**
   * Changes to `memberBreaker` of the cache. The class then has breakers of its own, one for each member; the common
   * ones hear of its reads too, but do not keep them from a member.
   */
  readonly breaker?: BreakerTuning | undefined;
  /**
   * Whether the rows tell of persons: they are sealed in the remote store, and no error carries words of the
   * database or of a schema, which may quote them. Default false.
   */
  readonly personal?: boolean | undefined;
  /** Whether values may be compressed in the remote store. Default `auto`. */
  readonly compress?: 'auto' | 'off' | undefined;
  /** One hit in so many is read again and compared; 0 to 1,000,000,000, 0 for none; default 0. */
  readonly auditRate?: number | undefined;
  /** What an invalidation may call the results by: up to 32 texts of up to 200 characters. Default: none. */
  readonly tags?: Built<Params, readonly string[]> | undefined;
  /**
   * Milliseconds for which `$$NOW` stands still, so that a pipeline with it can be kept; 1 to 1 day. Default: it
   * moves, and nothing with it is kept.
   */
  readonly freezeNowMs?: number | undefined;
  /** Further collections it depends on. Those in the pipeline and behind views are found. */
  readonly dependsOn?: readonly CollectionRef[] | undefined;
  /** `required`: a read without a tenant is refused. The tenant is always part of the key. Default `optional`. */
  readonly tenant?: 'required' | 'optional' | undefined;
  /** Collation, hint, variables and the like. Default: none. */
  readonly options?: AggregationOptions | undefined;
}

/** Whether every read of such a class asks the same. @param parts names of what may be built */
export const isConstant = (options: object, parts: readonly string[]): boolean => {
  const given = options as Readonly<Record<string, unknown>>;
  const isBuilt = (part: string) => typeof given[part] === 'function';
  return given.params === undefined && ![...parts, 'tags'].some(isBuilt);
};
