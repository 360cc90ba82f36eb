import { callGuarded, reportFailure } from '../events/guard.js';
import type { Clock } from '../ports/clock.js';
import type { DeadlineEntry, Lane } from './deadline-queue.js';

/** Where a single entry waits, with a timer of its own. */
export class OwnTimer implements Lane {
  readonly first = undefined;
  #cancel: unknown;

  /** @throws what the clock throws */
  set(
    entry: DeadlineEntry,
    { clock, delayMs, background }: { clock: Clock; delayMs: number; background: boolean },
  ): void {
    this.#cancel = clock.setTimer(
      () => {
        // A clock that calls back what was cancelled, or calls back twice.
        if (entry.lane !== this) return;
        entry.lane = undefined;
        callGuarded(() => entry.expired(), { kind: 'callback', name: 'deadline' }, undefined);
      },
      delayMs,
      { background },
    );
    entry.lane = this;
  }

  remove(): void {
    const cancel = this.#cancel;
    try {
      if (typeof cancel === 'function') cancel();
    } catch (error) {
      reportFailure(undefined, { kind: 'callback', name: 'clock', error });
    }
  }
}
