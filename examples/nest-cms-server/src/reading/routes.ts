import type { TagSet } from 'mongodb';

interface Route {
  /** Where the pipelines of this group run, first choice first; the primary comes last. */
  readonly members: readonly TagSet[];
  readonly ttlMs: number;
  readonly ttlJitter: number;
  readonly maxTimeMs: number;
}

/**
 * Which member of the replica set serves which group of pipelines. The house knows five groups;
 * the two with data behind them are here. The others keep their places: user look-ups go to
 * replica1, project relations to replica2, earnings to replica3.
 */
export const ROUTES = {
  contractEmployee: {
    members: [{ replica: 'replica1' }, { replica: 'replica2' }],
    ttlMs: 300_000,
    ttlJitter: 0.1,
    maxTimeMs: 5_000,
  },
  statistics: {
    members: [{ replica: 'replica2' }, { replica: 'replica3' }],
    ttlMs: 300_000,
    ttlJitter: 0.1,
    maxTimeMs: 10_000,
  },
} as const satisfies Record<string, Route>;
