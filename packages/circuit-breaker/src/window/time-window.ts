import type { ElapsedTime } from '../breaker/elapsed-time.js';
import type { OutcomeWindow, WindowCount } from './outcome-window.js';

/**
 * The calls of the last `durationMs`, kept as counts in buckets that each cover an equal part of it.
 * Buckets are emptied when they are next looked at, so an idle window costs nothing.
 */
export class TimeWindow implements OutcomeWindow {
  readonly #calls: Float64Array;
  readonly #failures: Float64Array;
  readonly #bucketMs: number;
  readonly #time: Pick<ElapsedTime, 'read'>;
  /** Number of the newest bucket, counted from the start of time; its slot is the remainder. */
  #newest: number;
  #totalCalls = 0;
  #totalFailures = 0;

  constructor(durationMs: number, buckets: number, time: Pick<ElapsedTime, 'read'>) {
    this.#calls = new Float64Array(buckets);
    this.#failures = new Float64Array(buckets);
    this.#bucketMs = durationMs / buckets;
    this.#time = time;
    this.#newest = this.#bucketNow();
  }

  record(failed: boolean): void {
    this.#forgetOld();
    const slot = this.#newest % this.#calls.length;
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1;
    this.#totalCalls += 1;
    if (!failed) return;
    this.#failures[slot] = (this.#failures[slot] ?? 0) + 1;
    this.#totalFailures += 1;
  }

  count(): WindowCount {
    this.#forgetOld();
    return { calls: this.#totalCalls, failures: this.#totalFailures };
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.#totalCalls = 0;
    this.#totalFailures = 0;
    this.#newest = this.#bucketNow();
  }

  #bucketNow(): number {
    return Math.floor(this.#time.read() / this.#bucketMs);
  }

  #forgetOld(): void {
    const now = this.#bucketNow();
    const buckets = this.#calls.length;
    if (now - this.#newest >= buckets) {
      this.clear();
      return;
    }
    while (this.#newest < now) {
      this.#newest += 1;
      const slot = this.#newest % buckets;
      this.#totalCalls -= this.#calls[slot] ?? 0;
      this.#totalFailures -= this.#failures[slot] ?? 0;
      this.#calls[slot] = 0;
      this.#failures[slot] = 0;
    }
  }
}
