import { OutcomeWindow, WHOLE, type WindowSums } from './outcome-window.js';

/** The last call alone: for breakers that only look at runs of failures. */
export class ConsecutiveWindow extends OutcomeWindow {
  record(failed: boolean, slow: boolean, weight: number): void {
    this.clear();
    this.add(failed, slow, weight);
  }

  override recordSuccesses(): void {
    this.record(false, false, WHOLE);
  }

  takeIn(sums: WindowSums): void {
    if (sums.calls > 0) this.record(sums.failures > 0, sums.slow > 0, sums.weight / sums.calls);
  }
}
