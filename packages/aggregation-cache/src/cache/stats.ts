import type { MemberState } from '../ports/source.js';

/** Numbers since the cache was made. */
export interface AggregationCacheStats {
  readonly reads: {
    readonly memory: number;
    readonly remote: number;
    /** Answered by a member, including those that joined a question already under way. */
    readonly member: number;
    /** Those that joined. */
    readonly joined: number;
    /** Those of all that were past their time to live. */
    readonly stale: number;
    readonly failed: number;
  };
  /** Questions sent to members that were answered. */
  readonly fills: number;
  readonly invalidations: number;
  readonly memory: {
    readonly entries: number;
    /** Rows as BSON, those that are read also decoded (an estimate), and what entries take beside. */
    readonly bytes: number;
    readonly maxBytes: number;
    readonly evictions: number;
  };
  readonly remote: {
    /** `none`: there is no remote store. `open`: its breaker is. */
    readonly state: 'none' | 'ready' | 'away' | 'open';
    /** Invalidations that the other processes have not been told of yet. */
    readonly pendingInvalidations: number;
  };
  readonly changes: {
    /** `off`: not asked for, or the database does not tell of changes. */
    readonly role: 'leader' | 'follower' | 'alone' | 'off';
    readonly stalled: boolean;
  };
  /** The members that can be read from now. */
  readonly members: readonly MemberState[];
}
