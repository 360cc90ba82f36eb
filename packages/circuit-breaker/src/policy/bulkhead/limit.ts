/** How many calls a bulkhead lets run at once. */
export interface Limit {
  /** A whole number, at least 1. */
  readonly current: number;
  /**
   * A call was let in.
   * @param running calls that hold a place, this one included
   * @returns when it began; 0 where that does not matter
   */
  began(running: number): number;
  /** The call that began at `beganAt` was answered. @returns how that has changed the limit, if it has */
  ended(beganAt: number, failed: boolean, value: unknown): LimitChange | undefined;
}

export interface LimitChange {
  readonly from: number;
  readonly to: number;
  readonly reason: LimitChangeReason;
}

export type LimitChangeReason =
  /** Too many calls failed. */
  | 'failures'
  /** Calls took much longer than usual. */
  | 'latency'
  /** The limit was in use, and all was well. */
  | 'growth';

/** A limit that stays as it is. */
export class FixedLimit implements Limit {
  readonly current: number;

  constructor(current: number) {
    this.current = current;
  }

  began(): number {
    return 0;
  }

  ended(): undefined {}
}
