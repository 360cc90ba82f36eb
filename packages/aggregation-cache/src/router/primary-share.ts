import type { Clock } from '@nestcms/circuit-breaker';

/** The driver's own default, where the pool has no limit. */
const USUAL_POOL_SIZE = 100;

/** The reads that run at a time for a share of a pool. */
export const placesOf = (share: number, maxPoolSize: number): number =>
  Math.ceil(share * (maxPoolSize || USUAL_POOL_SIZE));

interface Waiting {
  readonly go: () => void;
}

/**
 * Keeps reads that secondaries should have answered from taking the primary over: so many run at a time,
 * the others wait in order. When the primary is the last member alive there is nothing left to protect it for.
 */
export class PrimaryShare {
  readonly #places: number;
  readonly #isLastAlive: () => boolean;
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #running = 0;

  constructor(parts: {
    readonly places: number;
    readonly isLastAlive: () => boolean;
    readonly clock: Clock;
  }) {
    this.#places = parts.places;
    this.#isLastAlive = parts.isLastAlive;
    this.#clock = parts.clock;
  }

  get hasPlace(): boolean {
    return this.#running < this.#places || this.#isLastAlive();
  }

  /** Resolves with whether there was a place within `waitMs`; if so, `leave` must be called. */
  enter(waitMs: number): Promise<boolean> {
    // Nobody overtakes those who wait.
    if (this.#waiting.size === 0 && this.hasPlace) {
      this.#running += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const waiting: Waiting = {
        go: () => {
          cancel();
          this.#waiting.delete(waiting);
          this.#running += 1;
          resolve(true);
        },
      };
      const cancel = this.#clock.setTimer(() => {
        this.#waiting.delete(waiting);
        resolve(false);
      }, waitMs);
      this.#waiting.add(waiting);
      this.check();
    });
  }

  leave(): void {
    this.#running -= 1;
    this.check();
  }

  /** Lets in those who wait, as far as there is room; to be called when members come or go. */
  check(): void {
    for (const waiting of this.#waiting) {
      if (!this.hasPlace) return;
      waiting.go();
    }
  }
}
