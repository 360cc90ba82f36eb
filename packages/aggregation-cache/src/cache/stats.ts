import type { CircuitState } from '@nestcms/circuit-breaker';

/** Numbers since the cache was made. */
export interface AggregationCacheStats {
  readonly reads: {
    readonly memory: number;
    readonly remote: number;
    /** Answered by a member, including those that joined a question already under way. */
    readonly member: number;
    /** Those that joined. */
    readonly joined: number;
    readonly failed: number;
  };
  /** Questions sent to members that were answered. */
  readonly fills: number;
  readonly invalidations: number;
  readonly memory: {
    readonly entries: number;
    /** Estimate of what the decoded rows take on the heap, and an overhead per entry. */
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
  /** The breakers of the members met so far. */
  readonly members: readonly { readonly member: string; readonly breaker: CircuitState }[];
}
