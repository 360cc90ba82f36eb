import type { TimeSource } from '../ports/time-source.js';
import { OutcomeWindow, WHOLE, type WindowSums } from './outcome-window.js';

/** All calls, each counting half after every `halfLifeMs`: sums that fade, and nothing to store. */
export class EwmaWindow extends OutcomeWindow {
  readonly #halfLifeMs: number;
  readonly #time: TimeSource;
  #at: number;

  constructor(halfLifeMs: number, time: TimeSource) {
    super(time);
    this.#halfLifeMs = halfLifeMs;
    this.#time = time;
    this.#at = time.read();
  }

  record(failed: boolean, slow: boolean, weight: number): void {
    this.refresh();
    this.add(failed, slow, weight);
  }

  override recordSuccesses(count: number): void {
    this.calls += count;
    this.weight += count * WHOLE;
  }

  override refresh(): void {
    const now = this.#time.read();
    if (now === this.#at) return;
    const left = 0.5 ** ((now - this.#at) / this.#halfLifeMs);
    this.#at = now;
    this.calls *= left;
    this.failures *= left;
    this.slow *= left;
    this.weight *= left;
    this.failedWeight *= left;
    this.slowWeight *= left;
  }

  takeIn(sums: WindowSums): void {
    this.refresh();
    this.calls += sums.calls;
    this.failures += sums.failures;
    this.slow += sums.slow;
    this.weight += sums.weight;
    this.failedWeight += sums.failedWeight;
    this.slowWeight += sums.slowWeight;
  }
}
