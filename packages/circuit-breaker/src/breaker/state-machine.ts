import type { RejectionReason } from '../errors.js';
import { reportFailure } from '../events/guard.js';
import type { ResolvedOptions } from '../options.js';
import { createWindow } from '../window/create-window.js';
import type { OutcomeWindow, WindowCount } from '../window/outcome-window.js';
import { ElapsedTime } from './elapsed-time.js';
import type { Outcome } from './outcome.js';
import { type CircuitState, type HalfOpen, publicState, type State } from './state.js';
import { TripRule } from './trip-rule.js';

/** Why a breaker opened. */
export type OpenReason = 'failureRate' | 'trialFailed' | 'trialsTimedOut' | 'forced';

/** Why a breaker closed. */
export type CloseReason = 'trialsSucceeded' | 'forced' | 'reset';

/** A change of the state as users know it. */
export type Transition =
  | {
      readonly to: 'open';
      readonly from: CircuitState;
      readonly reason: OpenReason;
      readonly retryAfterMs: number;
      readonly window: WindowCount;
    }
  | { readonly to: 'halfOpen'; readonly from: CircuitState }
  | { readonly to: 'closed'; readonly from: CircuitState; readonly reason: CloseReason };

/** Wait proposed to those refused because trials are running: a verdict is near. */
const TRIALS_BUSY_RETRY_MS = 1000;

const NONE: readonly Transition[] = [];

/**
 * States and transitions; knows no user code, no promise and no event. Time is only looked at when
 * something is asked, so an idle breaker needs no timer, and asking more often changes nothing.
 */
export class StateMachine {
  readonly #options: ResolvedOptions;
  readonly #time: ElapsedTime;
  readonly #window: OutcomeWindow;
  readonly #tripRule: TripRule;
  #state: State = { kind: 'closed' };
  #generation = 0;
  #transitions: Transition[] = [];

  constructor(options: ResolvedOptions) {
    this.#options = options;
    // Told later: a hook that uses the breaker must not find it in the middle of a change.
    this.#time = new ElapsedTime(options.clock, (error) =>
      queueMicrotask(() =>
        reportFailure(options.onListenerError, { kind: 'callback', name: 'clock', error }),
      ),
    );
    this.#window = createWindow(options.window, this.#time);
    this.#tripRule = new TripRule(options);
  }

  /** The state as of the last call of `advance`. */
  get state(): State {
    return this.#state;
  }

  /** Grows by one at each transition. A result counts only in the generation its call began in. */
  get generation(): number {
    return this.#generation;
  }

  /** The transitions made since the last call of this, to be told to the world. */
  takeTransitions(): readonly Transition[] {
    const made = this.#transitions;
    if (made.length === 0) return NONE;
    this.#transitions = [];
    return made;
  }

  windowCount(): WindowCount {
    return this.#window.count();
  }

  /** Makes the transitions that are due by now, as of the moment they fell due. */
  advance(): void {
    if (this.#state.kind === 'halfOpen' && this.#state.running > 0) {
      const deadline = this.#state.busySince + this.#options.halfOpen.maxDurationMs;
      if (this.#time.read() >= deadline) this.#open('trialsTimedOut', deadline);
    }
    if (this.#state.kind === 'open' && this.#time.read() >= this.#state.until) {
      const from = this.#enter({ kind: 'halfOpen', running: 0, succeeded: 0, busySince: 0 });
      this.#transitions.push({ to: 'halfOpen', from });
    }
  }

  /** Lets one call in, or says why not. Call `advance` before. */
  admit(): RejectionReason | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
      case 'heldClosed':
        return undefined;
      case 'open':
      case 'heldOpen':
        return state.kind;
      case 'halfOpen':
        return this.#admitTrial(state);
    }
  }

  /** Takes in the end of a call that began in `generation`. Call `advance` before. @returns whether it counted */
  settle(generation: number, outcome: Outcome): boolean {
    if (generation !== this.#generation) return false;
    const state = this.#state;
    if (state.kind === 'halfOpen') this.#settleTrial(state, outcome);
    else if (outcome !== 'ignored') {
      this.#window.record(outcome === 'failure');
      if (state.kind === 'closed' && this.#tripRule.trips(this.#window.count())) {
        this.#open('failureRate', this.#time.read());
      }
    }
    return true;
  }

  /** Milliseconds until a call may be let in again; 0 if one may be now. */
  retryAfterMs(): number {
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
      case 'heldClosed':
        return 0;
      case 'open':
        return Math.max(0, Math.ceil(state.until - this.#time.read()));
      case 'heldOpen':
        return this.#options.openForMs;
      case 'halfOpen':
        return this.#hasPlace(state) ? 0 : Math.min(TRIALS_BUSY_RETRY_MS, this.#options.openForMs);
    }
  }

  forceOpen(): void {
    const window = this.#window.count();
    const from = this.#enter({ kind: 'heldOpen' });
    if (from === 'open') return;
    const retryAfterMs = this.retryAfterMs();
    this.#transitions.push({ to: 'open', from, reason: 'forced', retryAfterMs, window });
  }

  forceClosed(): void {
    this.#close('heldClosed', 'forced');
  }

  reset(): void {
    this.#close('closed', 'reset');
  }

  #hasPlace({ running, succeeded }: HalfOpen): boolean {
    const { trials, maxConcurrent } = this.#options.halfOpen;
    return running < maxConcurrent && running + succeeded < trials;
  }

  #admitTrial(state: HalfOpen): RejectionReason | undefined {
    if (!this.#hasPlace(state)) return 'trialsBusy';
    if (state.running === 0) state.busySince = this.#time.read();
    state.running += 1;
    return undefined;
  }

  #settleTrial(state: HalfOpen, outcome: Outcome): void {
    state.running -= 1;
    if (outcome === 'failure') this.#open('trialFailed', this.#time.read());
    else if (outcome === 'success') {
      state.succeeded += 1;
      if (state.succeeded >= this.#options.halfOpen.trials)
        this.#close('closed', 'trialsSucceeded');
    }
  }

  #open(reason: OpenReason, since: number): void {
    const window = this.#window.count();
    const from = this.#enter({ kind: 'open', until: since + this.#options.openForMs });
    const retryAfterMs = this.retryAfterMs();
    this.#transitions.push({ to: 'open', from, reason, retryAfterMs, window });
  }

  #close(kind: 'closed' | 'heldClosed', reason: CloseReason): void {
    this.#window.clear();
    const from = this.#enter({ kind });
    if (from !== 'closed') this.#transitions.push({ to: 'closed', from, reason });
  }

  #enter(state: State): CircuitState {
    const from = publicState(this.#state);
    this.#state = state;
    this.#generation += 1;
    return from;
  }
}
