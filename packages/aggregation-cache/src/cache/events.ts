import type { GuardedEmitter } from '@nestcms/circuit-breaker';
import type { Timestamp } from 'mongodb';
import type { ReadMode } from '../classes/pipeline-class.js';
import type { ServedBy } from '../ports/source.js';
import type { PassedOverReason } from '../router/passed-over.js';
import type { QueryPlan } from '../router/query-plan.js';
import type { TopologyNotice } from '../router/topology-notices.js';
import type { PoisonReason } from '../rows/envelope.js';
import type { AuditDifference } from './auditor.js';

/** Where rows came from. */
export type ReadSource = 'memory' | 'remote' | 'member';

/** Why a result was answered but not kept. */
export type NotStoredReason =
  /** Something it depends on was invalidated while it was loaded. */
  | 'moved'
  /** It is larger than `maxEntryBytes`, or than the whole tier. */
  | 'tooLarge'
  /** Memory is full of what is worth more. */
  | 'outweighed'
  /** It took longer to load than it may be kept. */
  | 'expired'
  /** The pipeline answers differently each time; `detail` names the stage, operator or variable. */
  | 'uncacheable'
  /** The time the rows should be as of could not be honoured, or could not be found out. */
  | 'timeUnknown'
  /** The right to load it went to somebody else meanwhile, who stores it. */
  | 'fenced';

/** What the cache tells. Keys are hashes; no payload holds parameters or rows. `slowQuery` names fields. */
export interface AggregationCacheEvents {
  /** Answered from a tier. */
  readonly hit: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly source: 'memory' | 'remote';
    readonly ageMs: number;
    /** Past its time to live, and answered because the class allows it: see `servedStale`. */
    readonly stale: boolean;
  };
  /** Rows past their time to live were answered: while others load, since a load takes long, or since it failed. */
  readonly servedStale: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly reason: 'revalidating' | 'softTimeout' | 'failed';
    readonly ageMs: number;
  };
  /** A load in the background began: early, before the rows end, or since stale ones were answered. */
  readonly refreshing: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly reason: 'early' | 'stale';
  };
  /** A load in the background failed. Nobody waited for it. */
  readonly refreshFailed: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly error: unknown;
  };
  /** The database failed a moment ago at this question, here or elsewhere, and is not asked again yet. */
  readonly failedFast: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly by: 'here' | 'elsewhere';
  };
  /** No tier had it, or, as of a page, was asked: a member answered, or a question under way that was joined. */
  readonly missed: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly joined: boolean;
  };
  /** A member answered. Unless `notStored` follows, the result is kept. */
  readonly filled: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly member: ServedBy;
    readonly rows: number;
    readonly bytes: number;
    readonly tookMs: number;
  };
  /** A load took longer than `explainSlow` says, and was one of those that are explained. */
  readonly slowQuery: {
    readonly pipelineClass: string;
    readonly key: string;
    /** The address of the one that was slow, and that explained it. */
    readonly member: string;
    /** Until its rows were there, of a stream the first ones, with all waiting; or until it gave up. */
    readonly tookMs: number;
    /** How that member goes about it now; names of fields and indexes, no values. Absent: it could not say. */
    readonly plan: QueryPlan | undefined;
    /** What the plan shows that an index can change, a sentence each. */
    readonly hints: readonly string[];
  };
  readonly notStored: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly reason: NotStoredReason;
    readonly detail?: string | undefined;
    /** The tier that does not have it, while the other may. Absent: none has. */
    readonly tier?: 'memory' | 'remote' | undefined;
  };
  /** What is kept about these is void from now on. */
  readonly invalidated: {
    /** What became void, such as `c:database.collection`; see the page on consistency. */
    readonly dependencies: readonly string[];
    /**
     * A caller in this process, a change of the database that this process watches, another process, or found
     * by comparing with the remote store.
     */
    readonly by: 'caller' | 'changes' | 'message' | 'comparison';
    /** Whether the other processes have been told; only with `caller` and `changes`. */
    readonly published?: boolean | undefined;
  };
  /**
   * Told once for a class whose rows come from collections that the change stream does not name: time series, and
   * those of other databases. Whoever writes there has to invalidate.
   */
  readonly changesUnheard: {
    readonly pipelineClass: string;
    /** `database.collection` of each. */
    readonly collections: readonly string[];
  };
  /** A wanted member did not answer this read. */
  readonly memberPassedOver: {
    readonly pipelineClass: string;
    /** Address, or the tags as text when no member has them. */
    readonly member: string;
    readonly reason: PassedOverReason;
    readonly error?: unknown;
  };
  /** The next member was asked too, because the first one took long. */
  readonly hedged: {
    readonly pipelineClass: string;
    /** The one that was asked too. */
    readonly member: string;
    readonly delayMs: number;
  };
  /** The topology is not what the classes want; told once, with what follows from it. */
  readonly topologyNoticed: {
    readonly notice: TopologyNotice;
    /** One sentence, for a person. */
    readonly message: string;
    /** The first class that met it; absent if it is so for all. */
    readonly pipelineClass?: string | undefined;
  };
  /** One operation of the remote store failed. */
  readonly remoteFailed: {
    readonly operation: string;
    readonly reason: 'timeout' | 'away' | 'refused';
    readonly error: unknown;
  };
  /** The remote store went away; reads go on without it. */
  readonly remoteLost: Record<never, never>;
  /** Messages of the remote store were lost; everything kept is compared with it. */
  readonly messagesMissed: Record<never, never>;
  /** The remote store had lost what it knew, or is new: everything kept is void. */
  readonly epochBegun: Record<never, never>;
  /** The remote store is back. */
  readonly remoteRegained: Record<never, never>;
  /** This process watches the database's changes for the fleet from now on. */
  readonly changesLed: Record<never, never>;
  /** The change stream ended, and is opened again. After `historyLost` everything kept is void. */
  readonly changesEnded: { readonly reason: 'historyLost' | 'failed'; readonly error: unknown };
  /** The database does not tell of changes, or not to this user: only invalidations by callers count. */
  readonly changesUnavailable: { readonly error: unknown };
  /** No process has had a sign of life of the change stream for `stallMs`: nothing kept is answered. */
  readonly changesStalled: Record<never, never>;
  readonly changesResumed: Record<never, never>;
  /** A kept answer was read again at the moment it is of, and was right. */
  readonly audited: { readonly pipelineClass: string; readonly key: string };
  /** A kept answer was wrong. No pipeline, store or cache that is in order does this. */
  readonly auditFailed: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly difference: AuditDifference;
    readonly source: ReadSource;
    /** The member that the rows came from. */
    readonly member: ServedBy | undefined;
    /** The moment that they are of. */
    readonly asOf: Timestamp | undefined;
    readonly ageMs: number;
    readonly costMs: number;
    /** Past its time to live. */
    readonly stale: boolean;
    readonly mode: ReadMode;
    readonly dependencies: readonly string[];
  };
  /** A stored value could not be used: a miss, and it is removed. */
  readonly poisoned: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly reason: PoisonReason;
  };
}

/** The part of the emitter that the cache's parts may use. */
export type EventSink = Pick<GuardedEmitter<AggregationCacheEvents>, 'emit'>;
