/** How often each thing happened. */
export interface Counts {
  /** Calls that failed, timed out or met a full circuit, without those that `errorFilter` lets pass. */
  failures: number;
  fallbacks: number;
  successes: number;
  /** Calls refused because the circuit was open. */
  rejects: number;
  /** All calls. */
  fires: number;
  timeouts: number;
  cacheHits: number;
  cacheMisses: number;
  coalesceCacheHits: number;
  coalesceCacheMisses: number;
  /** Calls refused because `capacity` calls were running. */
  semaphoreRejections: number;
}

export const COUNTS = [
  'failures',
  'fallbacks',
  'successes',
  'rejects',
  'fires',
  'timeouts',
  'cacheHits',
  'cacheMisses',
  'coalesceCacheHits',
  'coalesceCacheMisses',
  'semaphoreRejections',
] as const satisfies (keyof Counts)[];

/** The shares of calls whose latency is reported. */
export const PERCENTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 1] as const;

/** A slice of the window. */
export interface CircuitBucket extends Counts {
  /** Always empty: percentiles are taken over the whole window. */
  percentiles: Record<number, number>;
  /** Milliseconds, as the calls ended; at most the last thousand. */
  latencyTimes: number[];
  /** Whether the circuit was open at the end of this slice. */
  isCircuitBreakerOpen: boolean;
}

/** The whole window. */
export interface CircuitStats extends Counts {
  /** Milliseconds within which that share of the calls ended; -1 where latencies are not kept. */
  percentiles: Record<number, number>;
  /** Milliseconds, ascending; at most a thousand for each slice. */
  latencyTimes: number[];
  /** Milliseconds; -1 where latencies are not kept. */
  latencyMean: number;
}

export const noCounts = (): Counts =>
  Object.fromEntries(COUNTS.map((name) => [name, 0])) as Record<keyof Counts, number>;

/** The latency within which each share of the calls ended, by the nearest rank. @param sorted ascending */
export const percentilesOf = (sorted: readonly number[]): Record<number, number> =>
  Object.fromEntries(
    PERCENTILES.map((share) => [
      share,
      sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0,
    ]),
  );

/** The same where latencies are not kept. */
export const unknownPercentiles = (): Record<number, number> =>
  Object.fromEntries(PERCENTILES.map((share) => [share, -1]));
