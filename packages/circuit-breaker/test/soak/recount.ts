import type { Ours } from '../../bench/support/build.ts';

type Breaker = InstanceType<Ours['CircuitBreaker']>;

const SIZE = 1000;

/** Counts the calls in the window once more, from the events alone. */
export class Recount {
  readonly #breaker: Breaker;
  #last: boolean[] = [];
  /** How often they were compared. */
  looks = 0;

  constructor(breaker: Breaker) {
    this.#breaker = breaker;
    const note = (failed: boolean) => {
      // Trials decide by themselves and are not in the window.
      if (breaker.stats().trials !== undefined) return;
      this.#last.push(failed);
      if (this.#last.length > 2 * SIZE) this.#last = this.#last.slice(-SIZE);
    };
    breaker.events.on('succeeded', () => note(false));
    breaker.events.on('failed', () => note(true));
    const forget = () => {
      this.#last = [];
    };
    breaker.events.on('rampUpStarted', forget);
  }

  /** Differences between the window and the recount. */
  compare(): string[] {
    this.looks += 1;
    const { state, window } = this.#breaker.stats();
    if (state !== 'closed') return [];
    const last = this.#last.slice(-SIZE);
    const failures = last.filter(Boolean).length;
    if (window.calls === last.length && window.failures === failures) return [];
    return [
      `the window has ${window.failures} of ${window.calls}, the recount ${failures} of ${last.length}`,
    ];
  }
}
