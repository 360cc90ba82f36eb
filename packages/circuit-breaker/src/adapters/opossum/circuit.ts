import { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import type { Permit } from '../../breaker/permit.js';
import { ElapsedTime } from '../../ports/elapsed-time.js';
import { systemClock } from '../../ports/system-clock.js';
import { LONGEST_MS } from '../../validation.js';
import type { ResolvedOptions } from './options.js';
import type { RollingCounts } from './rolling-counts.js';
import type { BreakerState } from './state.js';

export type Transition = 'open' | 'halfOpen' | 'close';

/** The right to make one call, and the period in which it was given. */
export interface Admission {
  readonly permit: Permit;
  readonly period: number;
}

/** Milliseconds a trial without a time limit may run before the circuit opens again: one that hangs must not lock it. */
const LONGEST_TRIAL_MS = 60_000;

const withinRange = (ms: number): number => Math.min(LONGEST_MS, Math.max(1, ms));

interface CircuitParts {
  readonly options: ResolvedOptions;
  readonly counts: RollingCounts;
  /** Called with the change of state, before anyone is told. */
  readonly changed: (transition: Transition) => void;
  readonly tell: (transition: Transition) => void;
}

/**
 * The states of an opossum circuit on a breaker whose own rules are switched off: here is when to open,
 * there is what follows from it.
 */
export class Circuit {
  readonly #parts: CircuitParts;
  readonly #breaker: CircuitBreaker;
  readonly #time = ElapsedTime.of(systemClock);
  /** Goes up whenever calls that are running do not count for the rate any more. */
  #period = 0;
  #news: Transition[] = [];
  #holdsNews = false;
  #isForcing = false;
  #openedAt: number | undefined;
  #warmUntil: number;
  #cancelTimer = (): void => {};

  constructor(parts: CircuitParts) {
    this.#parts = parts;
    const { options } = parts;
    this.#breaker = new CircuitBreaker({
      name: options.name,
      window: { kind: 'consecutive' },
      consecutiveFailures: false,
      openForMs: withinRange(options.resetTimeout),
      halfOpen: {
        trials: 1,
        maxDurationMs: withinRange(Math.max(LONGEST_TRIAL_MS, 2 * (options.timeout || 0))),
      },
    });
    const warms = options.allowWarmUp === true || options.state?.warmUp === true;
    this.#warmUntil = warms ? this.#time.read() + options.rollingCountTimeout : 0;
    this.#listen();
    if (options.state !== undefined) this.#restore(options.state);
  }

  get isShutDown(): boolean {
    return this.#breaker.isShutDown;
  }

  /** To look at it makes the transition that is due. */
  get state(): 'closed' | 'open' | 'halfOpen' | 'shutDown' {
    return this.#breaker.isShutDown ? 'shutDown' : this.#breaker.state;
  }

  /** Whether it is half-open and its trial has not begun. */
  get pendingClose(): boolean {
    return this.#breaker.stats().trials?.running === 0;
  }

  get warmUp(): boolean {
    return this.#time.read() < this.#warmUntil;
  }

  /** When it opened last: calendar time in ms. */
  get openedAt(): number | undefined {
    return this.#openedAt;
  }

  /** Lets one call in, if it may come in. Report its end, or give it back by `withdraw`. */
  admit(): Admission | undefined {
    const permit = this.#breaker.tryAcquire();
    return permit && { permit, period: this.#period };
  }

  /** News are told by `tellNews`. */
  succeeded({ permit }: Admission): void {
    this.#holdNews(() => permit.success());
  }

  /** As `succeeded`. */
  failed({ permit, period }: Admission, error: unknown): void {
    this.#holdNews(() => {
      // A call of an earlier period says nothing about this one.
      const counts = period === this.#period;
      permit.failure(error);
      if (counts) this.#countFailure();
    });
  }

  /** The call was not made: no trial took place, and as a failure it counts for the rate alone. */
  withdraw({ permit }: Admission, isFailure: boolean): void {
    this.#holdNews(() => {
      permit.ignore();
      if (isFailure) this.#countFailure();
    });
  }

  tellNews(): void {
    const news = this.#news;
    this.#news = [];
    for (const transition of news) this.#parts.tell(transition);
  }

  open(): void {
    if (this.state === 'closed' || this.state === 'halfOpen') this.#breaker.trip();
  }

  close(): void {
    if (this.state === 'open' || this.state === 'halfOpen') this.#breaker.reset();
  }

  shutDown(): void {
    this.#warmUntil = 0;
    this.#cancelTimer();
    this.#breaker.shutDown();
    this.#news = [];
  }

  #listen(): void {
    const { events } = this.#breaker;
    events.on('opened', ({ retryAfterMs }) => {
      if (this.#breaker.isShutDown || this.#isForcing) return;
      this.#openedAt = systemClock.wallTime();
      this.#period += 1;
      this.#setTimer(retryAfterMs);
      this.#take('open');
    });
    events.on('halfOpened', () => {
      if (!this.#isForcing) this.#halfOpened();
    });
    events.on('closed', ({ from }) => {
      this.#cancelTimer();
      // After a trial the rate goes on from it; closed by hand it begins anew.
      if (from === 'open') this.#forget();
      this.#take('close');
    });
  }

  /** A breaker may wait for its next call, and a timer may come a moment before the breaker's own time. */
  #setTimer(delayMs: number): void {
    this.#cancelTimer();
    const halfOpen = () => {
      if (this.#breaker.state === 'open') this.#halfOpen();
    };
    this.#cancelTimer = systemClock.setTimer(halfOpen, delayMs, { background: true });
  }

  /** Released, a hold leaves the breaker half-open, whatever it was before. */
  #halfOpen(): void {
    this.#isForcing = true;
    try {
      this.#breaker.holdOpen().release();
    } finally {
      this.#isForcing = false;
    }
    this.#halfOpened();
  }

  #halfOpened(): void {
    this.#cancelTimer();
    this.#forget();
    this.#take('halfOpen');
  }

  /** What was counted before the circuit opened must not open it again. */
  #forget(): void {
    this.#period += 1;
    this.#parts.counts.forgetEvidence();
  }

  #take(transition: Transition): void {
    this.#parts.changed(transition);
    this.#news.push(transition);
    if (!this.#holdsNews) this.tellNews();
  }

  #holdNews(change: () => void): void {
    this.#holdsNews = true;
    try {
      change();
    } finally {
      this.#holdsNews = false;
    }
  }

  #countFailure(): void {
    const { counts, options } = this.#parts;
    counts.addEvidence('failures');
    if (this.state !== 'closed' || this.warmUp) return;
    const { fires, failures } = counts.evidence;
    if (fires < options.volumeThreshold) return;
    if (failures * 100 > options.errorThresholdPercentage * fires) {
      this.#breaker.trip();
    }
  }

  #restore(state: Partial<BreakerState>): void {
    const { closed, open, halfOpen, shutdown, lastTimerAt } = state;
    if (shutdown === true) this.shutDown();
    else if (closed === false || (closed === undefined && open === true)) {
      this.#restoreOpen(halfOpen === true, lastTimerAt);
    }
  }

  #restoreOpen(isHalfOpen: boolean, openedAt: number | undefined): void {
    const now = systemClock.wallTime();
    // A time that is yet to come is another machine's clock.
    const since = Number.isFinite(openedAt) ? Math.min(now, openedAt as number) : now;
    const leftMs = this.#parts.options.resetTimeout - (now - since);
    if (isHalfOpen || leftMs <= 0) this.#halfOpen();
    else this.#breaker.trip({ openForMs: withinRange(leftMs) });
    this.#openedAt = since;
  }
}
