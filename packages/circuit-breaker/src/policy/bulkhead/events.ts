import type { BulkheadFullReason } from '../errors.js';
import type { LimitChange } from './limit.js';

export interface BulkheadEvents {
  /** A call found no free place, and waits for one. */
  queued: {
    readonly priority: number;
    /** Calls that wait, this one included. */
    readonly queued: number;
  };
  /** A call was given a place, and begins. */
  admitted: {
    /** Milliseconds it waited; 0 if there was a free place. */
    readonly waitedMs: number;
    /** Places taken, this one included. */
    readonly running: number;
  };
  /** A call was refused: `BULKHEAD_FULL`. */
  refused: {
    readonly reason: BulkheadFullReason;
    readonly running: number;
    readonly queued: number;
  };
  /** An adaptive limit has changed. */
  limitChanged: LimitChange;
}
