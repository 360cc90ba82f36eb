import { reportFailure } from '../events/guard.js';
import type { Clock } from '../ports/clock.js';

const NEVER = Number.POSITIVE_INFINITY;

/** A timer that is set for one time after the other, on a clock that may do with timers what it likes. */
export class OneTimer {
  readonly #clock: Clock;
  readonly #due: (at: number) => void;
  #at = NEVER;
  #isBackground = false;
  #source: unknown;
  #cancel: unknown;
  /** Tells the timer at hand from ones that the clock calls too late. */
  #turn = 0;
  #turns = 0;

  /** @param due called when the time is over for which it was set last */
  constructor(clock: Clock, due: (at: number) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** When it is due; infinite while it is not set. */
  get at(): number {
    return this.#at;
  }

  /** Whether it is set in a way that keeps no process alive. */
  get isBackground(): boolean {
    return this.#isBackground;
  }

  /** What it was made of when it was set last: see `Clock`. */
  get source(): unknown {
    return this.#source;
  }

  /** Sets it in place of what it was set for. @throws what the clock throws; then that stays */
  set(at: number, delayMs: number, background: boolean): void {
    const before = { at: this.#at, turn: this.#turn, source: this.#source };
    this.#turns += 1;
    const turn = this.#turns;
    this.#turn = turn;
    this.#at = at;
    this.#source = this.#clock.timerSource?.();
    try {
      const cancel = this.#clock.setTimer(() => this.#called(turn, at), delayMs, { background });
      this.#cancelOld(before.source);
      // It may have been called already.
      if (this.#turn === turn) this.#cancel = cancel;
      this.#isBackground = background;
    } catch (error) {
      this.#at = before.at;
      this.#turn = before.turn;
      this.#source = before.source;
      throw error;
    }
  }

  drop(): void {
    if (this.#at === NEVER) return;
    this.#clear();
    this.#cancelOld(this.#source);
  }

  #called(turn: number, at: number): void {
    if (turn !== this.#turn) return;
    this.#clear();
    this.#due(at);
  }

  #clear(): void {
    this.#at = NEVER;
    // Should the clock fail to cancel it, its callback finds that it has no turn.
    this.#turn = 0;
  }

  #cancelOld(source: unknown): void {
    const cancel = this.#cancel;
    this.#cancel = undefined;
    // Timers of another source cannot be cancelled by those there are now.
    if (typeof cancel !== 'function' || source !== this.#clock.timerSource?.()) return;
    try {
      cancel();
    } catch (error) {
      reportFailure(undefined, { kind: 'callback', name: 'clock', error });
    }
  }
}
