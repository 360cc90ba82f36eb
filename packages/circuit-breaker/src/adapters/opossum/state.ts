/** What `toJSON().state` gives and the option `state` takes. */
export interface BreakerState {
  readonly name: string;
  readonly enabled: boolean;
  readonly closed: boolean;
  readonly open: boolean;
  readonly halfOpen: boolean;
  readonly warmUp: boolean;
  readonly shutdown: boolean;
  /** When it opened last: calendar time in ms since 1970; undefined if it never did. */
  readonly lastTimerAt: number | undefined;
}
