import type { Clock } from '../../ports/clock.js';
import { ElapsedTime } from '../../ports/elapsed-time.js';
import {
  type CircuitBucket,
  type CircuitStats,
  COUNTS,
  type Counts,
  noCounts,
  percentilesOf,
  unknownPercentiles,
} from './stats.js';

/** Latencies kept in a slice: enough for the percentiles, and a bound however many calls there are. */
const LATENCIES_PER_SLICE = 1000;

/** What the rate is taken from. */
export interface Evidence {
  readonly fires: number;
  readonly failures: number;
}

interface Slice {
  readonly counts: Counts;
  /** Of the calls the rate is taken from. */
  evidence: { fires: number; failures: number };
  readonly latencies: number[];
  latencyCount: number;
  latencySum: number;
  isOpen: boolean;
}

export interface RollingCountsOptions {
  /** Milliseconds of the whole window. */
  readonly durationMs: number;
  readonly slices: number;
  readonly keepsLatencies: boolean;
  /** Whether it only rotates when told to. */
  readonly rotatedByHand: boolean;
  readonly clock: Clock;
  readonly stats?: Partial<CircuitStats> | undefined;
}

/** Counts in slices of time. It looks at the time when it is used, so it needs no timer. */
export class RollingCounts {
  /** Milliseconds of one slice. */
  readonly #sliceMs: number;
  readonly #keepsLatencies: boolean;
  readonly #rotatedByHand: boolean;
  readonly #time: ElapsedTime;
  /** Newest first. */
  #slices: Slice[];
  /** When the newest slice began. */
  #since: number;
  #isOpen = false;

  constructor(options: RollingCountsOptions) {
    const { durationMs, slices, keepsLatencies, rotatedByHand, clock, stats } = options;
    const count = Math.max(1, Math.floor(slices));
    this.#sliceMs = Math.max(1, durationMs / count);
    this.#keepsLatencies = keepsLatencies;
    this.#rotatedByHand = rotatedByHand;
    this.#time = ElapsedTime.of(clock);
    this.#since = this.#time.read();
    this.#slices = Array.from({ length: count }, () => this.#emptySlice());
    if (stats !== undefined) this.#takeIn(stats);
  }

  add(name: keyof Counts): void {
    this.#current().counts[name] += 1;
  }

  addLatency(ms: number): void {
    if (this.#keepsLatencies) keepLatency(this.#current(), ms);
  }

  /** Counts what the rate is taken from. */
  addEvidence(name: keyof Evidence): void {
    this.#current().evidence[name] += 1;
  }

  get evidence(): Evidence {
    this.#refresh();
    let fires = 0;
    let failures = 0;
    for (const { evidence } of this.#slices) {
      fires += evidence.fires;
      failures += evidence.failures;
    }
    return { fires, failures };
  }

  /** The rate is taken from what comes from now on; the counts stay. */
  forgetEvidence(): void {
    for (const slice of this.#slices) slice.evidence = { fires: 0, failures: 0 };
  }

  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#current().isOpen = isOpen;
  }

  /** Begins a slice and drops the oldest. */
  rotate(): void {
    this.#slices.pop();
    this.#slices.unshift(this.#emptySlice());
  }

  /** Milliseconds until a slice ends by the clock. */
  untilSliceEndsMs(): number {
    const left = this.#sliceMs - ((this.#time.read() - this.#since) % this.#sliceMs);
    // A timer may come a moment early; the end it was set for is not told twice.
    return left < 1 ? left + this.#sliceMs : left;
  }

  stats(): CircuitStats {
    this.#refresh();
    const sum = noCounts();
    for (const { counts } of this.#slices) {
      for (const name of COUNTS) sum[name] += counts[name];
    }
    if (!this.#keepsLatencies) {
      return { ...sum, percentiles: unknownPercentiles(), latencyTimes: [], latencyMean: -1 };
    }
    const latencyTimes = this.#slices.flatMap(({ latencies }) => latencies).sort(ascending);
    const percentiles = percentilesOf(latencyTimes);
    return { ...sum, percentiles, latencyTimes, latencyMean: this.#latencyMean() };
  }

  /** A copy of the slices, newest first. */
  buckets(): CircuitBucket[] {
    this.#refresh();
    return this.#slices.map(({ counts, latencies, isOpen }) => ({
      ...counts,
      percentiles: {},
      latencyTimes: [...latencies],
      isCircuitBreakerOpen: isOpen,
    }));
  }

  #latencyMean(): number {
    let count = 0;
    let sum = 0;
    for (const { latencyCount, latencySum } of this.#slices) {
      count += latencyCount;
      sum += latencySum;
    }
    return count === 0 ? 0 : sum / count;
  }

  #current(): Slice {
    this.#refresh();
    return this.#slices[0] as Slice;
  }

  #refresh(): void {
    if (this.#rotatedByHand) return;
    const due = Math.floor((this.#time.read() - this.#since) / this.#sliceMs);
    if (due < 1) return;
    this.#since += due * this.#sliceMs;
    for (let turn = Math.min(due, this.#slices.length); turn > 0; turn -= 1) this.rotate();
  }

  #emptySlice(): Slice {
    return {
      counts: noCounts(),
      evidence: { fires: 0, failures: 0 },
      latencies: [],
      latencyCount: 0,
      latencySum: 0,
      isOpen: this.#isOpen,
    };
  }

  /** Counts of another circuit, from a text or from an older version: what is no number is 0. */
  #takeIn(stats: Partial<CircuitStats>): void {
    const slice = this.#slices[0] as Slice;
    for (const name of COUNTS) slice.counts[name] = numberOr0(stats[name]);
    slice.evidence = { fires: slice.counts.fires, failures: slice.counts.failures };
    if (!this.#keepsLatencies || !Array.isArray(stats.latencyTimes)) return;
    for (const ms of stats.latencyTimes) keepLatency(slice, numberOr0(ms));
  }
}

const keepLatency = (slice: Slice, ms: number): void => {
  slice.latencies[slice.latencyCount % LATENCIES_PER_SLICE] = ms;
  slice.latencyCount += 1;
  slice.latencySum += ms;
};

const ascending = (one: number, other: number): number => one - other;

const numberOr0 = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : 0;
