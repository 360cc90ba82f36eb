/** Where time comes from. Any object of this shape fits; tests pass a `ManualClock`. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean something. */
  now(): number;
  /** Milliseconds since 1970 by the wall clock. */
  wallTime(): number;
  /** Calls back once after `delayMs`; the returned function cancels. */
  setTimer(callback: () => void, delayMs: number): () => void;
}

/** The machine's own clocks. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer: (callback, delayMs) => {
    const timer = setTimeout(callback, delayMs);
    // Most runtimes but Node have no such thing.
    (timer as { readonly unref?: () => void }).unref?.();
    return () => clearTimeout(timer);
  },
};
