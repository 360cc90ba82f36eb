import type { Clock } from '../ports/clock.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import { LONGEST_MS, readNumber, refuseUnknown } from '../validation.js';
import { LatencyHistogram } from '../window/latency-histogram.js';

/** Defaults of `hedge`, with the reason for each. */
export const HEDGE_DEFAULTS = Object.freeze({
  /** Share of the calls that end before another attempt is made. 0.95: one call in twenty is made twice, not more. */
  percentile: 0.95,
  /** Shortest delay in milliseconds that a percentile may give. Below it attempts would race instead of help out. */
  minMs: 10,
  /** Delay in milliseconds while too few calls were observed. Long: what is usual is not known yet. */
  initialMs: 1000,
  /** Observed calls before the percentile counts. Twenty: of fewer, 95 % are all of them. */
  minimumCalls: 20,
  /** Milliseconds for which a latency is remembered. A minute: enough calls, and what is usual still moves with the load. */
  observedMs: 60_000,
  /** Further attempts. One: it takes away most of the wait; each more adds load to what is slow already. */
  maxHedges: 1,
} as const);

/** A delay that follows how long calls take. */
export interface HedgeDelay {
  /** Share of the calls that end before it; 0.5 to 0.999; default 0.95. */
  readonly percentile?: number | undefined;
  /** Shortest delay in ms; 0 to 30 days; default 10. */
  readonly minMs?: number | undefined;
  /** Delay in ms until 20 calls were observed in the last minute; 0 to 30 days; default 1,000. */
  readonly initialMs?: number | undefined;
}

const MS = { min: 0, max: LONGEST_MS, unit: 'ms' } as const;

/** Milliseconds for which a computed percentile is used again: to compute it costs more than the rest of a call. */
const KEPT_MS = 100;

/** Observes how long calls take, and says after how long another attempt is worth its load. */
export class ObservedDelay {
  readonly #percentile: number;
  readonly #minMs: number;
  readonly #initialMs: number;
  readonly #time: ElapsedTime;
  readonly #latencies: LatencyHistogram;
  #computedAt = Number.NEGATIVE_INFINITY;
  #delayMs = 0;

  /** @throws InvalidOptionError for an unknown or impossible option */
  constructor(options: HedgeDelay, clock: Clock) {
    refuseUnknown('delayMs', options, ['percentile', 'minMs', 'initialMs']);
    const { percentile, minMs, initialMs, observedMs } = HEDGE_DEFAULTS;
    this.#percentile = readNumber('delayMs.percentile', options.percentile, percentile, {
      min: 0.5,
      max: 0.999,
    });
    this.#minMs = readNumber('delayMs.minMs', options.minMs, minMs, MS);
    this.#initialMs = readNumber('delayMs.initialMs', options.initialMs, initialMs, MS);
    this.#time = ElapsedTime.of(clock);
    this.#latencies = new LatencyHistogram(observedMs, this.#time);
  }

  now(): number {
    return this.#time.read();
  }

  /** An attempt that began at `startedAt` succeeded now, or was given up now because another one did. */
  observe(startedAt: number): void {
    this.#latencies.record(this.now() - startedAt);
  }

  read(): number {
    const now = this.now();
    if (now - this.#computedAt >= KEPT_MS) {
      this.#computedAt = now;
      this.#delayMs = this.#compute();
    }
    return this.#delayMs;
  }

  #compute(): number {
    if (this.#latencies.count < HEDGE_DEFAULTS.minimumCalls) return this.#initialMs;
    const [usualMs = 0] = this.#latencies.percentiles([this.#percentile]);
    return Math.max(this.#minMs, usualMs);
  }
}
