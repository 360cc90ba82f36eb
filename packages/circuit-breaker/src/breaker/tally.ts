import { AUDIENCE } from '../events/audience.js';
import type { ResolvedWindow, Settings } from '../options.js';
import type { TimeSource } from '../ports/time-source.js';
import { differenceOf } from '../settings/difference-of.js';
import { createWindow, moveCalls } from '../window/create-window.js';
import { type OutcomeWindow, WHOLE, type WindowSums } from '../window/outcome-window.js';
import type { Counted } from './counted.js';
import { type Generation, SHORT_WAYS } from './generation.js';
import type { WindowCount } from './transition.js';
import { type TripReason, trippedRule } from './trip-rules.js';

const NO_CALLS: WindowCount = Object.freeze({ calls: 0, failures: 0, slow: 0 });

/** Where plain successes are counted, which the tally takes in when someone looks. */
export interface PlainCount {
  readonly plainSuccesses: number;
}

/** The calls that count: the window, made with the first of them, and the run of failures. */
export class Tally {
  readonly #time: TimeSource & PlainCount;
  /** How many plain successes are in the window. */
  #taken: number;
  #plain: Generation | undefined = undefined;
  #tick: (() => void) | undefined = undefined;
  /** Whether `tick` is to be called. */
  #awaitsTick = false;
  #window: OutcomeWindow | undefined = undefined;
  #failuresInARow = 0;

  constructor(time: TimeSource & PlainCount) {
    this.#time = time;
    this.#taken = time.plainSuccesses;
  }

  /** The window, up to date; undefined while nothing was recorded. */
  get window(): OutcomeWindow | undefined {
    this.#takePlain();
    this.#window?.refresh();
    return this.#window;
  }

  /**
   * From now on, until something else happens, a success of `generation` is only counted. Call it after a
   * success has been added, and if none can do more than that.
   */
  letPlain(
    generation: Generation,
    { slowMs, asks }: { readonly slowMs: number; readonly asks: boolean },
  ): void {
    const time = this.#window?.time;
    if (time !== undefined && !this.#mayWaitIn(time)) return;
    generation.ticking = time;
    generation.shortWays = SHORT_WAYS;
    generation.plainAt = AUDIENCE.changes;
    generation.slowMs = slowMs;
    generation.asks = asks;
    this.#plain = generation;
  }

  #mayWaitIn(time: TimeSource): boolean {
    if (this.#awaitsTick) return true;
    this.#tick ??= () => {
      this.#awaitsTick = false;
      this.endPlain();
    };
    this.#awaitsTick = time.beforeTick?.(this.#tick) ?? false;
    return this.#awaitsTick;
  }

  /** Each success is to be looked at again. */
  endPlain(): void {
    this.#takePlain();
    if (this.#plain !== undefined) this.#plain.plainAt = -1;
    this.#plain = undefined;
  }

  get failuresInARow(): number {
    return this.#failuresInARow;
  }

  /** The numbers of the window, for those who are told of a transition. */
  count(): WindowCount {
    const { window } = this;
    if (window === undefined) return NO_CALLS;
    return { calls: window.calls, failures: window.failures, slow: window.slow };
  }

  /** @returns whether there is any failure that could open the breaker */
  addSuccess(settings: Settings): boolean {
    this.#takePlain();
    this.#failuresInARow = 0;
    const window = this.#window ?? this.#make(settings);
    window.record(false, false, WHOLE);
    return window.failures > 0;
  }

  /** @returns whether there is any failure or slow call that could open the breaker */
  addTimedSuccess(settings: Settings, isSlow: boolean): boolean {
    if (isSlow) this.endPlain();
    else this.#takePlain();
    this.#failuresInARow = 0;
    const window = this.#window ?? this.#make(settings);
    window.record(false, isSlow, WHOLE);
    return window.failures > 0 || window.slow > 0;
  }

  add(settings: Settings, { outcome, weight }: Counted, isSlow: boolean): void {
    this.endPlain();
    const failed = outcome === 'failure';
    this.#failuresInARow = failed ? this.#failuresInARow + 1 : 0;
    const window = this.#window ?? this.#make(settings);
    window.record(failed, isSlow, weight);
  }

  /** The first rule that holds, if one does. */
  tripped(settings: Settings, slowRunning: number): TripReason | undefined {
    this.#takePlain();
    const window = this.#window ?? this.#make(settings);
    window.refresh();
    return trippedRule(settings, { window, failuresInARow: this.#failuresInARow, slowRunning });
  }

  forgetRun(): void {
    this.#failuresInARow = 0;
  }

  clear(): void {
    this.endPlain();
    this.#window?.clear();
    this.#failuresInARow = 0;
  }

  /** Takes calls from elsewhere in place of its own. */
  restore(settings: Settings, window: WindowSums | undefined, failuresInARow: number): void {
    this.endPlain();
    this.#window = undefined;
    if (window !== undefined) this.#make(settings).takeIn(window);
    this.#failuresInARow = failuresInARow;
  }

  /** Moves its calls to a window of another kind, if `settings` ask for one. */
  follow(settings: Settings, old: ResolvedWindow): void {
    this.endPlain();
    const calls = this.#window;
    if (calls === undefined || differenceOf(old, settings.window) === undefined) return;
    moveCalls(calls, this.#make(settings));
  }

  #takePlain(): void {
    const count = this.#time.plainSuccesses - this.#taken;
    if (count === 0) return;
    this.#taken += count;
    this.#window?.recordSuccesses(count);
  }

  #make({ window, clock }: Settings): OutcomeWindow {
    this.#awaitsTick = false;
    this.#window = createWindow(window, clock, this.#time);
    return this.#window;
  }
}
