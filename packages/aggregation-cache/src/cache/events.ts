import type { GuardedEmitter } from '@nestcms/circuit-breaker';
import type { ServedBy } from '../ports/source.js';
import type { PassedOverReason } from '../router/passed-over.js';
import type { PoisonReason } from '../rows/envelope.js';

/** Where rows came from. */
export type ReadSource = 'memory' | 'remote' | 'member';

/** Why a result was answered but not kept. */
export type NotStoredReason =
  /** Something it depends on was invalidated while it was loaded. */
  | 'moved'
  /** It is larger than `maxEntryBytes`, or than the whole tier. */
  | 'tooLarge'
  /** The pipeline answers differently each time; `detail` names the stage, operator or variable. */
  | 'uncacheable'
  /** The time the rows should be as of could not be honoured. */
  | 'timeUnknown';

/** What the cache tells. Keys are hashes; no payload holds parameters or rows. */
export interface AggregationCacheEvents {
  /** Answered from a tier. */
  readonly hit: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly source: 'memory' | 'remote';
    readonly ageMs: number;
  };
  /** No tier had it; a member is asked, or a question already under way is joined. */
  readonly missed: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly joined: boolean;
  };
  /** A member answered, and the result is kept. */
  readonly filled: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly member: ServedBy;
    readonly rows: number;
    readonly bytes: number;
    readonly tookMs: number;
  };
  readonly notStored: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly reason: NotStoredReason;
    readonly detail?: string | undefined;
  };
  /** Collections whose kept results are void from now on. */
  readonly invalidated: {
    /** `database.collection`. */
    readonly collections: readonly string[];
    /** This process, another one, or found by comparing with the remote store. */
    readonly by: 'caller' | 'message' | 'comparison';
    /** Whether the other processes have been told; only with `caller`. */
    readonly published?: boolean | undefined;
  };
  /** A wanted member did not answer this read. */
  readonly memberPassedOver: {
    readonly pipelineClass: string;
    /** Address, or the tags as text when no member has them. */
    readonly member: string;
    readonly reason: PassedOverReason;
    readonly error?: unknown;
  };
  /** One operation of the remote store failed. */
  readonly remoteFailed: {
    readonly operation: string;
    readonly reason: 'timeout' | 'away' | 'refused';
    readonly error: unknown;
  };
  /** The remote store went away; reads go on without it. */
  readonly remoteLost: Record<never, never>;
  /** The remote store is back. */
  readonly remoteRegained: Record<never, never>;
  /** A stored value could not be used: a miss, and it is removed. */
  readonly poisoned: {
    readonly pipelineClass: string;
    readonly key: string;
    readonly reason: PoisonReason;
  };
}

/** The part of the emitter that the cache's parts may use. */
export type EventSink = Pick<GuardedEmitter<AggregationCacheEvents>, 'emit'>;
