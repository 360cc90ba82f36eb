import type { Document, TagSet } from 'mongodb';
import type { BreakerTuning } from '../options.js';
import type { Operation } from '../ports/source.js';
import type { StandardSchema } from '../ports/standard-schema.js';
import type { CollectionRef } from './collection-ref.js';
import type { AggregationOptions } from './operation.js';

/**
 * How sure an answer is. `strict`: verified with the remote store at each read. `bounded`: answered while this
 * process hears of changes. `eventual`: what this process knows, and the time to live.
 */
export type ReadMode = 'strict' | 'bounded' | 'eventual';

/** One kind of question: what it asks, who answers, how long the answer is good. Frozen. */
export interface PipelineClass<Input = unknown, Params = Input, Row = Document> {
  readonly name: string;
  readonly collection: string;
  readonly version: number;
  readonly kind: Operation['kind'];
  readonly build: (params: Params) => Operation;
  /** Whether every read asks the same. */
  readonly isConstant: boolean;
  /** What of an answered document is the row, if not the document. */
  readonly unwrap: ((document: Document) => unknown) | undefined;
  readonly params: StandardSchema<Input, Params> | undefined;
  readonly rows: StandardSchema<unknown, Row> | undefined;
  readonly members: readonly TagSet[];
  readonly primary: 'last' | 'never';
  readonly mode: ReadMode;
  /** Undefined: the cache's. */
  readonly lagBudgetMs: number | undefined;
  readonly ttlMs: number;
  readonly ttlJitter: number;
  readonly emptyTtlMs: number;
  readonly negativeMs: number;
  readonly staleWhileRevalidateMs: number;
  readonly staleIfErrorMs: number;
  readonly softTimeoutMs: number | undefined;
  readonly hardTimeoutMs: number | undefined;
  readonly maxTimeMs: number;
  readonly earlyRefresh: number;
  /** Undefined: nobody else is asked. */
  readonly hedgeDelayMs: 'p95' | number | undefined;
  readonly breaker: BreakerTuning | undefined;
  readonly personal: boolean;
  readonly compress: 'auto' | 'off';
  readonly auditRate: number;
  readonly tags: (params: Params) => readonly string[];
  /** Milliseconds for which `$$NOW` stands still. Undefined: such a pipeline is not kept. */
  readonly freezeNowMs: number | undefined;
  readonly dependsOn: readonly CollectionRef[];
  readonly tenant: 'required' | 'optional';
  readonly options: AggregationOptions;
}

/** A class whose types do not matter. */
export type AnyPipelineClass = Omit<PipelineClass, 'build' | 'params' | 'rows' | 'tags'>;
