/** Where time comes from. Nothing else in this package asks the machine for the time or sets a timer. */
export interface Clock {
  /** Monotonic time in milliseconds from any starting point. Only differences mean something. */
  now(): number;
  /** Calendar time in milliseconds since 1970. Used for what people read, never to measure. */
  wallTime(): number;
  /**
   * Calls back once, `delayMs` milliseconds from now.
   * @param options `background`: the process need not stay alive for it
   * @returns a function that cancels the call; calling it late or twice does nothing
   */
  setTimer(
    callback: () => void,
    delayMs: number,
    options?: { readonly background?: boolean },
  ): () => void;
  /**
   * Milliseconds for which a timer may stay set when nothing waits for it any more, and by which a
   * reading of time may be old where that is good enough: for clocks whose timers and readings cost
   * more than the call they serve. Default 0.
   */
  readonly slackMs?: number | undefined;
  /**
   * What the timers are made of. Once this changes, those set before may never be called: as when a test
   * runner puts its fake timers in the place of the real ones, or takes them away. Default: never changes.
   */
  timerSource?(): unknown;
  /**
   * Whether a timer ends with the request that set it, as in Cloudflare Workers: then each call needs one
   * of its own. Default false.
   */
  readonly hasCallerTimers?: boolean | undefined;
}
