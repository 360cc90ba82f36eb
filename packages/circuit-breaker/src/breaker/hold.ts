/** Holds a breaker open or closed for as long as it is not released. Holds are counted. */
export interface Hold {
  readonly kind: 'open' | 'closed';
  /** Why, for people. */
  readonly reason: string | undefined;
  /** Ends this hold. Does nothing the second time, or after `reset()`. */
  release(): void;
  [Symbol.dispose](): void;
}

export class BreakerHold implements Hold {
  readonly kind: 'open' | 'closed';
  readonly reason: string | undefined;
  #onRelease: ((hold: BreakerHold) => void) | undefined;

  constructor(
    kind: 'open' | 'closed',
    reason: string | undefined,
    onRelease: (hold: BreakerHold) => void,
  ) {
    this.kind = kind;
    this.reason = reason;
    this.#onRelease = onRelease;
  }

  release(): void {
    const onRelease = this.#onRelease;
    this.#onRelease = undefined;
    onRelease?.(this);
  }

  /** Ends it without telling the breaker, which has dropped it. */
  drop(): void {
    this.#onRelease = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

export const NO_HOLDS: readonly BreakerHold[] = Object.freeze([]);

/** Whether one of `holds` is of that kind. */
export const isHeld = (holds: readonly Hold[], kind: Hold['kind']): boolean =>
  holds.some((hold) => hold.kind === kind);
