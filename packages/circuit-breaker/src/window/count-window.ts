import { HEAVIEST, OutcomeWindow, type WindowSums } from './outcome-window.js';

/** A call in 16 bits: its weight, and whether it failed and was slow. 0 is a slot not used yet. */
const FAILED = 0x4000;
const SLOW = 0x8000;
const WEIGHT = 0x3fff;

/** The last `size` calls: a ring in which each new call takes the place of the oldest. */
export class CountWindow extends OutcomeWindow {
  readonly #ring: Uint16Array;
  #next = 0;

  constructor(size: number) {
    super();
    this.#ring = new Uint16Array(size);
  }

  record(failed: boolean, slow: boolean, weight: number): void {
    this.#put((failed ? FAILED : 0) | (slow ? SLOW : 0) | weight);
  }

  override recordSuccesses(count: number): void {
    super.recordSuccesses(Math.min(count, this.#ring.length));
  }

  override clear(): void {
    super.clear();
    this.#ring.fill(0);
    this.#next = 0;
  }

  /** Puts the newest calls of `older` in here, as many as there is room for. */
  takeOver(older: CountWindow): void {
    const from = older.#ring;
    for (let back = 0; back < from.length; back += 1) {
      const code = from[(older.#next + back) % from.length] ?? 0;
      if (code !== 0) this.#put(code);
    }
  }

  takeIn(sums: WindowSums): void {
    const room = this.#ring.length / Math.max(this.#ring.length, sums.calls);
    const calls = Math.round(sums.calls * room);
    const failures = Math.round(sums.failures * room);
    const slow = Math.round(sums.slow * room);
    const failedWeight = middle(sums.failedWeight, sums.failures);
    const otherWeight = middle(sums.weight - sums.failedWeight, sums.calls - sums.failures);
    // In what order they ended is not known; which were both slow and failed is not either.
    for (let call = 0; call < calls; call += 1) {
      const failed = call >= calls - failures;
      this.record(failed, call < slow, failed ? failedWeight : otherWeight);
    }
  }

  #put(code: number): void {
    const ring = this.#ring;
    const slot = this.#next;
    const old = ring[slot] ?? 0;
    this.#next = slot + 1 === ring.length ? 0 : slot + 1;
    // The common case: a success takes the place of a success.
    if (old === code) return;
    ring[slot] = code;
    if (old !== 0) this.#count(old, -1);
    this.#count(code, 1);
  }

  #count(code: number, times: 1 | -1): void {
    this.add((code & FAILED) !== 0, (code & SLOW) !== 0, code & WEIGHT, times);
  }
}

/** What each of `calls` weighs that weigh so much together; of no calls nobody asks. */
const middle = (weight: number, calls: number): number =>
  Math.min(HEAVIEST, Math.max(1, Math.round(weight / calls)));
