import type { TimeSource } from '../ports/time-source.js';
import { OutcomeWindow, WHOLE, type WindowSums } from './outcome-window.js';

const SUMS = ['calls', 'failures', 'slow', 'weight', 'failedWeight', 'slowWeight'] as const;

/**
 * The calls of the last `durationMs`, kept as sums in buckets that each cover an equal part of it.
 * Buckets are emptied when they are next looked at, so an idle window costs nothing.
 */
export class TimeWindow extends OutcomeWindow {
  /** Bucket by bucket, each with its six sums. */
  readonly #buckets: Float64Array;
  readonly #count: number;
  readonly #bucketMs: number;
  readonly #time: TimeSource;
  /** Number of the newest bucket, counted from the start of time; its slot is the remainder. */
  #newest = 0;
  /** Where the newest bucket ends; 0 before the first look at the time. */
  #until = 0;

  constructor(durationMs: number, buckets: number, time: TimeSource) {
    super(time);
    this.#buckets = new Float64Array(buckets * SUMS.length);
    this.#count = buckets;
    this.#bucketMs = durationMs / buckets;
    this.#time = time;
  }

  record(failed: boolean, slow: boolean, weight: number): void {
    this.refresh();
    this.add(failed, slow, weight);
    const buckets = this.#buckets;
    const at = this.#slot(this.#newest);
    buckets[at] = (buckets[at] ?? 0) + 1;
    buckets[at + 3] = (buckets[at + 3] ?? 0) + weight;
    if (failed) {
      buckets[at + 1] = (buckets[at + 1] ?? 0) + 1;
      buckets[at + 4] = (buckets[at + 4] ?? 0) + weight;
    }
    if (slow) {
      buckets[at + 2] = (buckets[at + 2] ?? 0) + 1;
      buckets[at + 5] = (buckets[at + 5] ?? 0) + weight;
    }
  }

  override recordSuccesses(count: number): void {
    this.calls += count;
    this.weight += count * WHOLE;
    const buckets = this.#buckets;
    const at = this.#slot(this.#newest);
    buckets[at] = (buckets[at] ?? 0) + count;
    buckets[at + 3] = (buckets[at + 3] ?? 0) + count * WHOLE;
  }

  override refresh(): void {
    const now = this.#time.read();
    if (now < this.#until) return;
    const newest = Math.floor(now / this.#bucketMs);
    if (newest - this.#newest >= this.#count) this.clear();
    else while (this.#newest < newest) this.#forget(++this.#newest);
    this.#newest = newest;
    this.#until = (newest + 1) * this.#bucketMs;
  }

  override clear(): void {
    super.clear();
    this.#buckets.fill(0);
  }

  /** Takes in the calls of `older` that are young enough, to the width of its buckets. */
  takeOver(older: TimeWindow): void {
    older.refresh();
    this.refresh();
    const oldest = Math.max(0, older.#newest - older.#count + 1);
    for (let number = oldest; number <= older.#newest; number += 1) {
      const middle = (number + 0.5) * older.#bucketMs;
      const target = Math.min(this.#newest, Math.floor(middle / this.#bucketMs));
      if (target > this.#newest - this.#count) {
        this.#addSums(this.#slot(target), older.#buckets, older.#slot(number));
      }
    }
  }

  takeIn(sums: WindowSums): void {
    this.refresh();
    // Less than half a call is none, and weighs nothing.
    if (Math.round(sums.calls) === 0) return;
    // Whole numbers, so that nothing is left of them once they are taken off again.
    const whole = Float64Array.from(SUMS, (sum) => Math.round(sums[sum]));
    this.#addSums(this.#slot(this.#newest), whole, 0);
  }

  #slot(bucket: number): number {
    return (bucket % this.#count) * SUMS.length;
  }

  #addSums(at: number, from: Float64Array, start: number): void {
    for (const [offset, sum] of SUMS.entries()) {
      const value = from[start + offset] ?? 0;
      this[sum] += value;
      this.#buckets[at + offset] = (this.#buckets[at + offset] ?? 0) + value;
    }
  }

  #forget(bucket: number): void {
    const at = this.#slot(bucket);
    for (const [offset, sum] of SUMS.entries()) {
      this[sum] -= this.#buckets[at + offset] ?? 0;
      this.#buckets[at + offset] = 0;
    }
  }
}
