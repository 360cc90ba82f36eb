import type { RejectionReason } from '../errors.js';
import { CoarseTime } from '../operation/coarse-time.js';
import type { Settings } from '../options.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import { slackOf } from '../ports/slack-of.js';
import type { OutcomeWindow, WindowSums } from '../window/outcome-window.js';
import type { TimeSource } from '../window/time-source.js';
import type { Counted } from './counted.js';
import { Generation } from './generation.js';
import { heldWait, openWait } from './open-wait.js';
import { admitShare, rebaseShare, shareOf, startRampUp } from './ramp-up.js';
import { type CircuitState, publicState, type State } from './state.js';
import { Tally } from './tally.js';
import type { CloseReason, OpenReason, Transition } from './transition.js';
import {
  beginTrial,
  endTrial,
  type HalfOpen,
  hasPlace,
  noTrials,
  trialDeadline,
  verdictOf,
} from './trials.js';

/** Wait proposed to those refused while others are let through: a verdict is near. */
const SOON_MS = 1000;

const CLOSED: State = { kind: 'closed' };
const HELD_CLOSED: State = { kind: 'heldClosed' };
const HELD_OPEN: State = { kind: 'heldOpen' };
const DISABLED: State = { kind: 'disabled' };

const NONE: readonly Transition[] = [];

/** What is known of the openings since the breaker was last closed. */
export interface Openings {
  readonly count: number;
  readonly lastWaitMs: number | undefined;
}

const NEVER_OPENED: Openings = { count: 0, lastWaitMs: undefined };

/** Who hears of successes. */
export interface Attention {
  readonly isHeard: boolean;
  /** Whether that stays so until `AUDIENCE` changes. */
  readonly isSteady: boolean;
}

/**
 * States and transitions; knows no promise, no event, and of user code only the wait it asks for. Time
 * is only looked at when something is asked, so an idle breaker needs no timer, and asking more often
 * changes nothing.
 */
export class StateMachine implements TimeSource {
  #settings: Settings;
  readonly #time: ElapsedTime;
  #counted: Tally | undefined = undefined;
  #state: State;
  #generation: Generation | undefined = undefined;
  #openings = NEVER_OPENED;
  #recent = 0;
  /** Successes that changed nothing but this number: see `Generation`. */
  plainSuccesses = 0;
  #openHolds = 0;
  #closedHolds = 0;
  /** Until when `wouldOpen` is not told again: a real breaker would be open. */
  #quietUntil = 0;
  /** Whether user code is being asked how long to stay open. */
  #isAsking = false;
  #transitions: Transition[] | undefined = undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#time = ElapsedTime.of(settings.clock);
    this.#state = settings.mode === 'disabled' ? DISABLED : CLOSED;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** The state as of the last call of `advance`. */
  get state(): State {
    return this.#state;
  }

  get generation(): Generation {
    this.#generation ??= new Generation(this.#isOpenToAll());
    return this.#generation;
  }

  /** The generation, if a call asked for it already. */
  get current(): Generation | undefined {
    return this.#generation;
  }

  /** Whether calls are timed. */
  get isTimed(): boolean {
    return this.#settings.latency || this.#settings.slowCalls !== false;
  }

  /** Whether it is open and stays so for a while yet, by a time that costs nothing to read. */
  get isSurelyOpen(): boolean {
    const state = this.#state;
    if (state.kind !== 'open') return false;
    const slackMs = slackOf(this.#settings.clock);
    const now = slackMs > 0 ? state.coarse.read() + slackMs : this.now();
    return now < state.until;
  }

  /** Whether there are transitions to be told. */
  get hasNews(): boolean {
    return this.#transitions !== undefined;
  }

  /** Why a call would be refused now, if it were. */
  get refusalReason(): RejectionReason {
    switch (this.#state.kind) {
      case 'heldOpen':
        return 'heldOpen';
      case 'halfOpen':
        return 'trialsBusy';
      case 'rampUp':
        return 'rampingUp';
      default:
        return 'open';
    }
  }

  /** Share of the calls let through, while ramping up. */
  get share(): number | undefined {
    const state = this.#state;
    return state.kind === 'rampUp'
      ? Math.min(1, shareOf(state, this.#settings.rampUp, this.now()))
      : undefined;
  }

  isSlow(durationMs: number): boolean {
    return durationMs >= this.#slowMs;
  }

  get #slowMs(): number {
    const { slowCalls } = this.#settings;
    return slowCalls === false ? Number.POSITIVE_INFINITY : slowCalls.thresholdMs;
  }

  get openings(): Openings {
    return this.#openings;
  }

  get failuresInARow(): number {
    return this.#counted?.failuresInARow ?? 0;
  }

  /** The window, up to date; undefined while nothing was recorded. */
  get window(): OutcomeWindow | undefined {
    return this.#counted?.window;
  }

  /** Made with the first call that ends, for most breakers are idle. */
  get #tally(): Tally {
    // By this machine's own reading, so that a clock that breaks is told to its hook.
    this.#counted ??= new Tally(this);
    return this.#counted;
  }

  /** The time, for windows. */
  read(): number {
    return this.now();
  }

  now(): number {
    this.#recent = this.#time.read(this.#settings.onListenerError);
    return this.#recent;
  }

  /** The time as of the last look at the clock: good enough within one step of a timed call, and free. */
  get recent(): number {
    return this.#recent;
  }

  /** The transitions made since the last call of this, to be told to the world. */
  takeTransitions(): readonly Transition[] {
    const made = this.#transitions;
    if (made === undefined) return NONE;
    this.#transitions = undefined;
    return made;
  }

  /** Makes the transitions that are due by now, as of the moment they fell due. */
  advance(): void {
    const { kind } = this.#state;
    if (kind === 'closed' || kind === 'heldOpen' || kind === 'heldClosed') return;
    this.#endTrialsInTime();
    if (this.#state.kind === 'open' && this.now() >= this.#state.until) this.#halfOpen();
    const state = this.#state;
    if (state.kind !== 'rampUp') return;
    if (shareOf(state, this.#settings.rampUp, this.now()) >= 1) this.#closeKeepingCalls('rampedUp');
  }

  /** Lets one call in, or says why not. Call `advance` before, and look at the clock if calls are timed. */
  admit(): RejectionReason | undefined {
    const state = this.#state;
    switch (state.kind) {
      case 'closed':
        return this.#admitUnlessSlow();
      case 'heldClosed':
      case 'disabled':
        return undefined;
      case 'halfOpen':
        return this.#admitTrial(state);
      case 'rampUp': {
        const refused = this.#admitUnlessSlow();
        if (refused !== undefined) return refused;
        return admitShare(state, this.#settings.rampUp, this.now()) ? undefined : 'rampingUp';
      }
      case 'open':
      case 'heldOpen':
        return state.kind;
      case 'shutDown':
        return 'open';
    }
  }

  /** As `settle`, for the plain success of a call of the current generation that `isOpenToAll` let through. */
  countSuccess(attention: Attention): void {
    const mayTrip = this.#tally.addSuccess(this.#settings);
    if (!mayTrip) {
      this.#letPlain(attention);
    } else if (this.#state.kind === 'closed') this.#applyRules();
  }

  /** As `countSuccess`, for a timed call. */
  countTimedSuccess(durationMs: number, attention: Attention): void {
    const mayTrip = this.#tally.addTimedSuccess(this.#settings, this.isSlow(durationMs));
    if (mayTrip || this.#slowRunning() > 0) this.#applyRules();
    else this.#letPlain(attention);
  }

  /**
   * Takes in the end of a call that began in `generation`. Call `advance` before, and look at the clock
   * if calls are timed.
   * @returns whether it counted
   */
  settle(generation: Generation, counted: Counted, isSlow: boolean): boolean {
    if (generation !== this.#generation) return false;
    const state = this.#state;
    const { outcome, openForMs } = counted;
    if (state.kind === 'halfOpen') endTrial(state, outcome, isSlow);
    else if (state.kind !== 'disabled' && outcome !== 'ignored') this.#record(counted, isSlow);
    // What an answer asks for goes before what the rules make of it: it opens once.
    if (openForMs !== undefined) this.trip('retryAfter', openForMs);
    else if (state.kind === 'halfOpen') this.#judgeTrials(state);
    else if (outcome !== 'ignored') this.#judgeCalls();
    return true;
  }

  /** Milliseconds until a call may be let in again; 0 if one may be now. */
  retryAfterMs(): number {
    const state = this.#state;
    switch (state.kind) {
      case 'open':
        return this.#untilMs(state.until);
      case 'heldOpen':
        return heldWait(this.#settings);
      case 'shutDown':
        return Number.POSITIVE_INFINITY;
      case 'halfOpen':
        return this.#placeInMs(state);
      default:
        return 0;
    }
  }

  /** As `retryAfterMs`, for a call that was refused just now. */
  refusedForMs(): number {
    return this.#state.kind === 'rampUp' ? SOON_MS : this.retryAfterMs();
  }

  /** The same, for an error that may be read much later: it tells of the state it was refused in. */
  refusalTimer(): () => number {
    const state = this.#state;
    if (state.kind === 'open') return () => this.#untilMs(state.until);
    if (state.kind === 'halfOpen') return () => this.#placeInMs(state);
    return () => (state === this.#state ? this.refusedForMs() : 0);
  }

  /** What is left of `until`, for errors that are asked later. */
  #untilMs(until: number): number {
    return Math.max(0, Math.ceil(until - this.now()));
  }

  holdOpen(): void {
    this.#openHolds += 1;
    if (this.#openHolds === 1 && this.#state.kind !== 'shutDown')
      this.#enterOpen('byHand', HELD_OPEN, 0);
  }

  holdClosed(): void {
    this.#closedHolds += 1;
    if (this.#closedHolds === 1 && this.#openHolds === 0) this.#enterHeldClosed();
  }

  /** Nobody knows yet whether the other side works: half-open finds out. */
  releaseOpen(): void {
    this.#openHolds -= 1;
    if (this.#openHolds > 0 || this.#state.kind !== 'heldOpen') return;
    if (this.#closedHolds > 0 || this.#settings.mode !== 'enforcing') this.#close('byHand');
    else this.#halfOpen();
  }

  releaseClosed(): void {
    this.#closedHolds -= 1;
    if (this.#closedHolds === 0 && this.#state.kind === 'heldClosed') this.#state = CLOSED;
  }

  /** Closes, forgets all counted calls and all holds. */
  reset(): void {
    if (this.#state.kind === 'shutDown') return;
    this.#openHolds = 0;
    this.#closedHolds = 0;
    this.#close('reset');
  }

  /** Takes other settings; the calls in the window stay, and so does the state where the mode allows it. */
  update(settings: Settings): void {
    const old = this.#settings;
    // The share that was reached by now stays, and grows by the new settings from here.
    if (this.#state.kind === 'rampUp') rebaseShare(this.#state, old.rampUp, this.now(), 1);
    this.#counted?.endPlain();
    this.#settings = settings;
    this.#counted?.follow(settings, old.window);
    if (settings.mode !== old.mode) this.#changeMode();
    if (this.#generation !== undefined) this.#generation.isOpenToAll = this.#isOpenToAll();
    if (this.#state.kind === 'rampUp' && settings.rampUp === false) {
      this.#closeKeepingCalls('rampedUp');
    }
    // Fewer trials may be enough by now, or more failures allowed than there are trials left.
    if (this.#state.kind === 'halfOpen') this.#judgeTrials(this.#state);
  }

  shutDown(): void {
    const before = this.#state;
    if (before.kind !== 'shutDown') this.#enterOpen('shutDown', { kind: 'shutDown', before }, 0);
  }

  /**
   * Takes a state from elsewhere; calls still running will be late. Holds are kept as they are and go
   * first, and so does the mode: only an enforcing breaker opens by it.
   */
  restore(to: RestoredState): void {
    const { mode } = this.#settings;
    if (this.#state.kind === 'shutDown' || mode === 'disabled') return;
    const mayOpen = mode === 'enforcing' && this.#state.kind !== 'heldClosed';
    // What opened a breaker there says nothing of one that stays closed here: it would open by it at once.
    const counts = mayOpen || to.state === 'closed';
    if (counts) this.#tally.restore(this.#settings, to.window, to.failuresInARow);
    else this.#tally.restore(this.#settings, undefined, 0);
    this.#openings = to.openings;
    this.#newGeneration();
    if (mayOpen && this.#openHolds === 0) this.#enterRestored(to);
  }

  #enterRestored({ state, waitMs, remainingMs }: RestoredState): void {
    if (state === 'closed') this.#closeKeepingCalls('restored');
    else if (state === 'halfOpen' || remainingMs <= 0) this.#halfOpen();
    else {
      const openedAt = this.now() + remainingMs - waitMs;
      this.#enterOpen('restored', this.#openState(openedAt, waitMs), remainingMs);
    }
  }

  #letPlain({ isHeard, isSteady }: Attention): void {
    if (isHeard) return;
    this.#tally.letPlain(this.generation, { slowMs: this.#slowMs, asks: !isSteady });
  }

  #isOpenToAll(): boolean {
    const { kind } = this.#state;
    const { slowCalls, latency } = this.#settings;
    return (kind === 'closed' || kind === 'heldClosed') && slowCalls === false && !latency;
  }

  #changeMode(): void {
    const { kind } = this.#state;
    if (kind === 'heldOpen' || kind === 'shutDown') return;
    const isDisabled = this.#settings.mode === 'disabled';
    if (isDisabled || kind === 'disabled') this.#close('modeChanged');
    else if (this.#settings.mode === 'shadow' && publicState(this.#state) !== 'closed') {
      this.#closeKeepingCalls('modeChanged');
    }
  }

  #record(counted: Counted, isSlow: boolean): void {
    this.#tally.add(this.#settings, counted, isSlow);
    const state = this.#state;
    if (state.kind === 'rampUp' && counted.outcome === 'failure') {
      rebaseShare(state, this.#settings.rampUp, this.now(), 0.5);
    }
  }

  #judgeCalls(): void {
    const { kind } = this.#state;
    if (kind === 'closed' || kind === 'rampUp') this.#applyRules();
  }

  #applyRules(): void {
    const reason = this.#tally.tripped(this.#settings, this.#slowRunning());
    if (reason !== undefined) this.trip(reason);
  }

  /** Look at the clock before. */
  #slowRunning(): number {
    const { slowCalls } = this.#settings;
    if (slowCalls === false || this.#generation === undefined) return 0;
    return this.#generation.running.slowAt(this.#recent, slowCalls.thresholdMs);
  }

  /** Calls that hang end for nobody: they are found when the next call asks. */
  #admitUnlessSlow(): RejectionReason | undefined {
    if (this.#slowRunning() > 0) this.#applyRules();
    return publicState(this.#state) === 'open' ? this.refusalReason : undefined;
  }

  #admitTrial(state: HalfOpen): RejectionReason | undefined {
    if (!hasPlace(state, this.#settings.halfOpen)) return 'trialsBusy';
    beginTrial(state, this.now());
    return undefined;
  }

  #placeInMs(state: HalfOpen): number {
    const { halfOpen } = this.#settings;
    if (hasPlace(state, halfOpen)) return 0;
    return Math.min(SOON_MS, this.#untilMs(trialDeadline(state, halfOpen)));
  }

  #endTrialsInTime(): void {
    const state = this.#state;
    if (state.kind !== 'halfOpen' || state.running === 0) return;
    const lateMs = this.now() - trialDeadline(state, this.#settings.halfOpen);
    if (lateMs >= 0) this.#open('trialsTimedOut', undefined, lateMs);
  }

  #judgeTrials(state: HalfOpen): void {
    const verdict = verdictOf(state, this.#settings.halfOpen);
    if (verdict === 'failed') this.#open('trialFailed', undefined);
    else if (verdict === 'succeeded') this.#trialsSucceeded();
  }

  #trialsSucceeded(): void {
    const { rampUp } = this.#settings;
    if (rampUp === false) {
      this.#close('trialsSucceeded');
      return;
    }
    this.#counted?.clear();
    this.#enter(startRampUp(rampUp, this.now()), 'rampUp');
  }

  /** Opens it, as a rule or someone asks; held, disabled and shut down ones stay as they are. */
  trip(reason: OpenReason, openForMs?: number): void {
    const { kind } = this.#state;
    if (kind !== 'closed' && kind !== 'halfOpen' && kind !== 'rampUp' && kind !== 'open') return;
    if (this.#settings.mode === 'shadow') this.#wouldOpen(reason, openForMs);
    else this.#open(reason, openForMs);
  }

  #wouldOpen(reason: OpenReason, openForMs: number | undefined): void {
    const now = this.now();
    if (now >= this.#quietUntil) {
      const waitMs = openForMs ?? this.#askForWait(NEVER_OPENED);
      if (waitMs === undefined) return;
      this.#quietUntil = now + waitMs;
      this.#note({
        to: 'wouldOpen',
        from: 'closed',
        reason,
        retryAfterMs: Math.ceil(waitMs),
        window: this.#tally.count(),
      });
    }
    this.#counted?.clear();
  }

  /** @param lateMs how long ago it should have been noticed */
  #open(reason: OpenReason, openForMs: number | undefined, lateMs = 0): void {
    const { count } = this.#openings;
    const waitMs = openForMs ?? this.#askForWait(this.#openings);
    if (waitMs === undefined) return;
    this.#openings = { count: count + 1, lastWaitMs: waitMs };
    const state = this.#openState(this.now() - lateMs, waitMs);
    this.#enterOpen(reason, state, Math.max(0, waitMs - lateMs));
  }

  #openState(at: number, waitMs: number): State {
    return {
      kind: 'open',
      until: at + waitMs,
      waitMs,
      coarse: CoarseTime.of(this.#settings.clock),
    };
  }

  /** Undefined if the user code that is asked for it has changed the state: that change stands. */
  #askForWait({ count, lastWaitMs }: Openings): number | undefined {
    // That code uses this breaker, which is about to open as it is.
    if (this.#isAsking) return undefined;
    const state = this.#state;
    const { generation } = this;
    this.#isAsking = true;
    const waitMs = openWait(this.#settings, count + 1, lastWaitMs);
    this.#isAsking = false;
    return state === this.#state && generation === this.#generation ? waitMs : undefined;
  }

  /** @param leftMs until it may be half-open, where that is known */
  #enterOpen(reason: OpenReason, state: State, leftMs: number): void {
    const window = this.#tally.count();
    const from = publicState(this.#state);
    const wasOpen = this.#state.kind === 'open' && state.kind === 'open';
    this.#state = state;
    this.#newGeneration();
    this.#counted?.forgetRun();
    if (from === 'open' && !wasOpen) return;
    const retryAfterMs = state.kind === 'open' ? Math.ceil(leftMs) : this.retryAfterMs();
    this.#note({ to: 'open', from, reason, retryAfterMs, window });
  }

  #halfOpen(): void {
    this.#enter(noTrials(), 'halfOpen');
  }

  #enter(state: State, to: 'halfOpen' | 'rampUp'): void {
    const from = publicState(this.#state);
    this.#state = state;
    this.#newGeneration();
    this.#counted?.forgetRun();
    this.#note({ to, from });
  }

  #enterHeldClosed(): void {
    if (this.#state.kind === 'closed') this.#state = HELD_CLOSED;
    else if (this.#state.kind !== 'disabled' && this.#state.kind !== 'shutDown')
      this.#close('byHand');
  }

  /** Closes as the mode and the holds say, with an empty window. */
  #close(reason: CloseReason): void {
    this.#counted?.clear();
    const from = publicState(this.#state);
    this.#state = this.#closedState();
    this.#newGeneration();
    this.#openings = NEVER_OPENED;
    if (from !== 'closed') this.#note({ to: 'closed', from, reason });
  }

  /** Closes with the calls of before, which count on. */
  #closeKeepingCalls(reason: CloseReason): void {
    const from = publicState(this.#state);
    this.#state = this.#closedState();
    if (this.#generation !== undefined) {
      this.#generation.isOpenToAll = this.#isOpenToAll();
      this.#generation.refusedAt = -1;
    }
    this.#openings = NEVER_OPENED;
    if (from !== 'closed') this.#note({ to: 'closed', from, reason });
  }

  #closedState(): State {
    if (this.#settings.mode === 'disabled') return DISABLED;
    return this.#closedHolds > 0 ? HELD_CLOSED : CLOSED;
  }

  #newGeneration(): void {
    this.#counted?.endPlain();
    this.#generation = undefined;
    this.#quietUntil = 0;
  }

  #note(transition: Transition): void {
    this.#transitions ??= [];
    this.#transitions.push(transition);
  }
}

/** A state from elsewhere, checked. */
export interface RestoredState {
  readonly state: CircuitState;
  /** What is left of the wait, if it is open. */
  readonly remainingMs: number;
  /** The whole wait, if it is open. */
  readonly waitMs: number;
  readonly window: WindowSums | undefined;
  readonly failuresInARow: number;
  readonly openings: Openings;
}
