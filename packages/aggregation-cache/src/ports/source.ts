import type { CircuitState } from '@nestcms/circuit-breaker';
import type { Document, Sort, TagSet, Timestamp } from 'mongodb';
import type { AggregationOptions } from '../classes/operation.js';
import type { AnyPipelineClass } from '../classes/pipeline-class.js';
import type { PassedOverReason } from '../router/passed-over.js';
import type { QueryPlan } from '../router/query-plan.js';
import type { CausalToken } from '../validity/causal-token.js';

/** The member that answered. */
export interface ServedBy {
  /** `host:port`; of members that the driver cannot tell apart, all, joined by `+`, where it does not say which. */
  readonly address: string;
  readonly tags: TagSet;
}

export interface FindOptions extends AggregationOptions {
  readonly projection?: Document | undefined;
  readonly sort?: Sort | undefined;
  readonly skip?: number | undefined;
  readonly limit?: number | undefined;
}

export interface CountOptions extends AggregationOptions {
  readonly skip?: number | undefined;
  readonly limit?: number | undefined;
}

/** What is asked. */
export type Operation =
  | {
      readonly kind: 'aggregate';
      readonly pipeline: readonly Document[];
      readonly options?: AggregationOptions;
    }
  | { readonly kind: 'find'; readonly filter: Document; readonly options?: FindOptions }
  /** Answered by one row, `{ n: <number> }`. */
  | { readonly kind: 'count'; readonly filter: Document; readonly options?: CountOptions }
  /** Answered by a row `{ v: <value> }` for each value. */
  | {
      readonly kind: 'distinct';
      readonly field: string;
      readonly filter: Document;
      readonly options?: AggregationOptions;
    };

export interface SourceRequest {
  readonly pipelineClass: AnyPipelineClass & RoutingWishes;
  readonly operation: Operation;
  /** The rows must not be older than this. */
  readonly after?: CausalToken | undefined;
  /**
   * The rows of one exact moment of the database: the newest the member has (`any`), or the one named. The
   * answer says which. The server keeps the last five minutes or so. Default: no exact moment.
   */
  readonly moment?: 'any' | Timestamp | undefined;
  /** Nobody wants the answer any more. A question under way is not ended by it, for that would close its socket. */
  readonly signal?: AbortSignal | undefined;
}

/** What a class may say about the way to its answer. */
export interface RoutingWishes {
  /** Milliseconds by which a member may lag. Default: the cache's. */
  readonly lagBudgetMs?: number | undefined;
  /**
   * Milliseconds after which the next member is asked too; `p95`: what 95 % of the class's answers need.
   * Default: never. The slowest answers of a class may be its dearest questions rather than those of a slow
   * member, and a hedge would make just those twice: only the author knows that all cost about the same.
   */
  readonly hedgeDelayMs?: number | 'p95' | undefined;
}

/** One member that was asked, or would have been, for an answer. */
export interface Attempt {
  /** Address, or the wanted tags as text. */
  readonly member: string;
  /** `overtaken`: another one, asked because it took long, was quicker. */
  readonly outcome: 'answered' | 'overtaken' | PassedOverReason;
}

/** What is known of the rows before they are all here. */
export interface SourceHeader {
  readonly member: ServedBy;
  /** The rows are no older than this; absent if nothing was asked for, or it could not be had. */
  readonly asOf?: Timestamp | undefined;
  /** The exact moment of the rows, if one was asked for. */
  readonly moment?: Timestamp | undefined;
  /** False if even the primary did not know the time asked for: the rows may be answered, but not kept. */
  readonly storable: boolean;
  /** In the order in which they ended. */
  readonly attempts?: readonly Attempt[] | undefined;
}

export interface SourceAnswer extends SourceHeader {
  /** One BSON document each, the whole result: the cursor ended well. */
  readonly rows: readonly Uint8Array[];
}

export interface SourceStream extends SourceHeader {
  /**
   * The rows as they come, from one member; to be iterated once. Ends without an error only if the cursor
   * did: what was gathered until then is the whole result. To leave early ends the cursor on the server.
   */
  readonly batches: AsyncIterable<readonly Uint8Array[]>;
  /** Ends the cursor on the server, should nobody iterate. */
  close(): void;
}

export interface MemberState {
  /** `host:port`. */
  readonly address: string;
  readonly tags: TagSet;
  readonly role: 'primary' | 'secondary' | 'standalone' | 'router';
  /** Milliseconds behind the primary by the last probe, or since it last answered one. Absent: not known. */
  readonly lagMs?: number | undefined;
  readonly breaker: CircuitState;
  /** Questions sent to it, hedges among them. */
  readonly asked: number;
  /** Questions sent to it because another member took long. */
  readonly hedged: number;
}

/** Where rows come from when no tier has them. */
/**
 * - `primary`: it alone knows of every write
 * - `majority`: without a primary, the newest that a majority of the members knows of; it may lack a write that no
 *   majority has acknowledged
 */
export type PointTeller = 'primary' | 'majority';

export interface Source {
  fetch(request: SourceRequest): Promise<SourceAnswer>;
  /**
   * Waits until every server has been heard of, but not for long, and tells what these classes want and there is
   * not. Rejects with `CLOSED` alone.
   * @returns the sentences
   */
  ready?(classes: readonly AnyPipelineClass[]): Promise<readonly string[]>;
  /** Whether the database keeps such times at all; a server on its own does not, nor does any of it lag. */
  readonly knowsTimes: boolean;
  /** As `fetch`, but resolves with the first rows. After them no other member is asked. */
  fetchStream?(request: SourceRequest): Promise<SourceStream>;
  /**
   * How `member`, an address as an answer names it, goes about this question, without running it. Undefined if
   * it is not there, or has no connection to spare.
   */
  explain?(request: SourceRequest, member: string): Promise<QueryPlan | undefined>;
  /**
   * How far the database is now. Undefined if there is no such thing, or it cannot be had.
   * @param toldBy default `primary`
   */
  currentPoint(toldBy?: PointTeller): Promise<CausalToken | undefined>;
  /** The members that can be read from now. */
  members(): readonly MemberState[];
  close(): void;
}
