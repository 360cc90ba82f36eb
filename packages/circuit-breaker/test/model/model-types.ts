import type {
  BackoffOptions,
  BreakerMode,
  CircuitState,
  CloseReason,
  OpenReason,
  Outcome,
  RejectionReason,
} from '../../src/index.js';
import type { ResolvedWindow, Settings } from '../../src/options.js';
import type { WindowSums } from '../../src/window/outcome-window.js';

/** What a breaker goes through by itself. */
export type Phase = 'closed' | 'open' | 'halfOpen' | 'rampUp';

/** A phase, or what stands in its place. */
export type Kind = Phase | 'heldOpen' | 'heldClosed' | 'disabled' | 'shutDown';

export type Reason = OpenReason | CloseReason;
/** Why a call is refused. */
export type Refused = RejectionReason;
export type HoldKind = 'open' | 'closed';

export interface Change {
  /** Whether the calls begun before still count. */
  readonly keeps?: boolean;
  /** The state before, where it follows from something that has changed already. */
  readonly from?: CircuitState;
}

/** A call that was let in. */
export interface Call {
  readonly generation: number;
  readonly at: number;
  readonly isTimed: boolean;
  /** Whether its caller had to wait. */
  hasWaited?: boolean;
}

/** What the end of a call counts as. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly weight?: number | undefined;
  readonly openForMs?: number | undefined;
}

/** A finished call, or several taken together, with the time at which it ended. */
export type Finished = WindowSums & { readonly at: number };

/** All there is to know of a breaker. */
export interface Breaker {
  options: Meaning;
  now: number;
  phase: Phase;
  holds: readonly HoldKind[];
  isShutDown: boolean;
  generation: number;
  /** Calls let in that have not ended, of all generations. */
  running: Call[];
  finished: Finished[];
  /** How the trials of this generation ended. */
  trials: Outcome[];
  /** How long it was to stay open each time since it was last closed. */
  waits: number[];
  failuresInARow: number;
  openUntil: number;
  /** Until when `wouldOpen` is not told again. */
  quietUntil: number;
  /** Since when trials run without a pause, or since when the share grows. */
  since: number;
  /** The share at `since`. */
  share: number;
  credit: number;
  /** What it is: shut down, held, disabled, or in a phase of its own. */
  readonly kind: Kind;
  /** What users call that. */
  readonly state: CircuitState;
  /** The running calls of this generation. */
  readonly mine: readonly Call[];
  /** Where the model tells what happens: a new state, an outcome, a late result. */
  readonly tell: (what: string, from?: CircuitState, reason?: Reason, waitMs?: number) => void;
}

/** How long it stays open: as the breaker is given it, but a function is told by what it answers. */
export type PlainWait =
  | number
  | BackoffOptions
  | { readonly kind: 'table'; readonly waits: readonly (number | 'throws' | 'nonsense')[] };

/** A breaker's options, complete and as plain data. */
export interface PlainOptions
  extends Pick<
    Settings,
    | 'failureRate'
    | 'minimumCalls'
    | 'consecutiveFailures'
    | 'slowCalls'
    | 'latency'
    | 'halfOpen'
    | 'rampUp'
    | 'sharedRejection'
  > {
  readonly mode: BreakerMode;
  readonly window: ResolvedWindow;
  /** Whether answers are classified by what they say. */
  readonly classify: boolean;
  readonly openForMs: PlainWait;
}

/** What the options mean, in plain functions. */
export interface Meaning {
  readonly mode: BreakerMode;
  readonly isTimed: boolean;
  readonly maxTrialMs: number;
  /** Undefined without a ramp-up. */
  readonly initialShare: number | undefined;
  /** What to propose while it is held open. */
  readonly heldWaitMs: number;
  /** How long to stay open the `attempt`th time. */
  openWait(attempt: number, previousMs?: number): number;
  /** A call that ends now, as the window counts it. */
  trial(b: Breaker, call: Call, outcome: Outcome): Outcome;
  counted(b: Breaker, call: Call, outcome: Outcome, weight?: number): Finished;
  /** The rule that would open it, if one holds. */
  rule(b: Breaker): OpenReason | undefined;
  hasPlace(b: Breaker): boolean;
  verdict(trials: readonly Outcome[]): 'succeeded' | 'failed' | undefined;
  /** The share of the calls to let through now. */
  share(b: Breaker): number;
  /** The share after a failure. */
  halved(b: Breaker): number;
  slowRunning(b: Breaker): number;
}
