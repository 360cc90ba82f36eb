import type { RejectionReason } from '../errors.js';
import type { Settings } from '../options.js';
import { ElapsedTime } from '../ports/elapsed-time.js';
import type { TimeSource } from '../ports/time-source.js';
import type { OutcomeWindow } from '../window/outcome-window.js';
import { closedState, closeKeepingCalls, followMode } from './closing.js';
import type { Counted } from './counted.js';
import { Generation } from './generation.js';
import { endTrialsInTime, halfOpen, judgeTrials } from './half-open.js';
import { NO_HOLDS } from './hold.js';
import { NEVER_OPENED, trip } from './opening.js';
import { admitShare, rebaseShare, shareOf } from './ramp-up.js';
import { refusalReason } from './retry-after.js';
import { publicState, type State } from './state.js';
import { Tally } from './tally.js';
import type { Transition } from './transition.js';
import { beginTrial, endTrial, type HalfOpen, hasPlace } from './trials.js';

const NONE: readonly Transition[] = [];

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
  #recent = 0;
  #transitions: Transition[] | undefined = undefined;
  /** Successes that changed nothing but this number: see `Generation`. */
  plainSuccesses = 0;
  /** The holds that are not released. */
  holds = NO_HOLDS;
  openings = NEVER_OPENED;
  /** Whether user code is being asked how long to stay open. */
  isAsking = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#time = ElapsedTime.of(settings.clock);
    this.#state = closedState(settings.mode, NO_HOLDS);
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

  /** Whether there are transitions to be told. */
  get hasNews(): boolean {
    return this.#transitions !== undefined;
  }

  isSlow(durationMs: number): boolean {
    return durationMs >= this.#slowMs;
  }

  get #slowMs(): number {
    const { slowCalls } = this.#settings;
    return slowCalls === false ? Number.POSITIVE_INFINITY : slowCalls.thresholdMs;
  }

  get failuresInARow(): number {
    return this.#counted?.failuresInARow ?? 0;
  }

  /** The window, up to date; undefined while nothing was recorded. */
  get window(): OutcomeWindow | undefined {
    return this.#counted?.window;
  }

  /** Made with the first call that ends, for most breakers are idle. */
  get tally(): Tally {
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
    if (this.#state.kind === 'halfOpen') endTrialsInTime(this, this.#state);
    if (this.#state.kind === 'open' && this.now() >= this.#state.until) halfOpen(this);
    const state = this.#state;
    if (state.kind !== 'rampUp') return;
    if (shareOf(state, this.#settings.rampUp, this.now()) >= 1) closeKeepingCalls(this, 'rampedUp');
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
    const mayTrip = this.tally.addSuccess(this.#settings);
    if (!mayTrip) {
      this.#letPlain(attention);
    } else if (this.#state.kind === 'closed') this.#applyRules();
  }

  /** As `countSuccess`, for a timed call. */
  countTimedSuccess(durationMs: number, attention: Attention): void {
    const mayTrip = this.tally.addTimedSuccess(this.#settings, this.isSlow(durationMs));
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
    if (openForMs !== undefined) trip(this, 'retryAfter', openForMs);
    else if (state.kind === 'halfOpen') judgeTrials(this, state);
    else if (outcome !== 'ignored') this.#judgeCalls();
    return true;
  }

  /** Takes other settings; the calls in the window stay, and so does the state where the mode allows it. */
  update(settings: Settings): void {
    const old = this.#settings;
    // The share that was reached by now stays, and grows by the new settings from here.
    if (this.#state.kind === 'rampUp') rebaseShare(this.#state, old.rampUp, this.now(), 1);
    this.#settings = settings;
    this.#counted?.follow(settings, old.window);
    if (settings.mode !== old.mode) followMode(this);
    if (this.#generation !== undefined) {
      this.#generation.isOpenToAll = this.#isOpenToAll();
      this.#generation.refusedAt = -1;
    }
    if (this.#state.kind === 'rampUp' && settings.rampUp === false) {
      closeKeepingCalls(this, 'rampedUp');
    }
    // Fewer trials may be enough by now, or more failures allowed than there are trials left.
    if (this.#state.kind === 'halfOpen') judgeTrials(this, this.#state);
  }

  /**
   * Goes to another state, by one of the ways in `opening`, `half-open` and `closing`. A new generation
   * begins: the calls that run will be late.
   */
  become(state: State): void {
    this.#state = state;
    this.newGeneration();
    this.#counted?.forgetRun();
  }

  /** Goes to another state in which the calls that run still count. */
  goOnAs(state: State): void {
    this.#state = state;
    if (this.#generation !== undefined) this.#generation.isOpenToAll = this.#isOpenToAll();
  }

  newGeneration(): void {
    this.#counted?.endPlain();
    this.#generation = undefined;
  }

  forgetCalls(): void {
    this.#counted?.clear();
  }

  /** Keeps a transition for those who are told of it. */
  note(transition: Transition): void {
    this.#transitions ??= [];
    this.#transitions.push(transition);
  }

  #letPlain({ isHeard, isSteady }: Attention): void {
    if (isHeard) return;
    this.tally.letPlain(this.generation, { slowMs: this.#slowMs, asks: !isSteady });
  }

  #isOpenToAll(): boolean {
    const { kind } = this.#state;
    const { slowCalls, latency } = this.#settings;
    return (kind === 'closed' || kind === 'heldClosed') && slowCalls === false && !latency;
  }

  #record(counted: Counted, isSlow: boolean): void {
    this.tally.add(this.#settings, counted, isSlow);
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
    const reason = this.tally.tripped(this.#settings, this.#slowRunning());
    if (reason !== undefined) trip(this, reason);
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
    return publicState(this.#state) === 'open' ? refusalReason(this.#state) : undefined;
  }

  #admitTrial(state: HalfOpen): RejectionReason | undefined {
    if (!hasPlace(state, this.#settings.halfOpen)) return 'trialsBusy';
    beginTrial(state, this.now());
    return undefined;
  }
}
