/** Where time comes from. Nothing else in this package asks the machine for the time or sets a timer. */
export interface Clock {
  /** Monotonic time in milliseconds from any starting point. Only differences mean something. */
  now(): number;
  /** Calendar time in milliseconds since 1970. Used for what people read, never to measure. */
  wallTime(): number;
  /**
   * Calls back once, `delayMs` milliseconds from now.
   * @returns a function that cancels the call; calling it late or twice does nothing
   */
  setTimer(callback: () => void, delayMs: number): () => void;
}
