import type { CircuitState, Outcome, RejectionReason } from '../../src/index.js';
import { type Deadline, Deadlines } from './deadlines.js';
import type { EventName, Told } from './event.js';
import { meaningOf, newBreaker, retryAfterMs, sumsOf } from './meaning.js';
import type { Breaker, Call, PlainOptions, Reason, Verdict } from './model-types.js';
import { end, enter, look } from './reference-model.js';
import type { Scenario } from './scenario.js';

/** A caller that waits for a trial's place. */
export interface Waiter {
  readonly deadline: Deadline;
  admitted(call: Call): void;
  refused(reason: RejectionReason): void;
}

/** The end of a call, as events tell it. */
interface Ending {
  readonly outcome: Outcome;
  readonly durationMs: number | undefined;
  readonly error: unknown;
}

const EVENT_OF = { success: 'succeeded', failure: 'failed', ignored: 'ignored' } as const;

/** The model, with what surrounds it: those who wait, what has its time, what was told. */
export class ModelledBreaker {
  readonly b: Breaker;
  readonly deadlines = new Deadlines();
  readonly told: Told[] = [];
  readonly totals = { succeeded: 0, failed: 0, ignored: 0, rejected: 0, late: 0, opened: 0 };
  /** What is about to happen once promises are given time, in this order. */
  readonly inbox: (() => void)[] = [];
  waiting: Waiter[] = [];
  options: PlainOptions;
  readonly #random: number;
  readonly #heard: readonly EventName[];
  #sealed = 0;
  #ending: Ending | undefined;

  constructor({ options, random, heard }: Scenario) {
    this.options = options;
    this.#heard = heard;
    this.#random = random === 'half' ? 0.5 : 1;
    const tell: Breaker['tell'] = (...told) => this.#tell(...told);
    this.b = newBreaker(meaningOf(options, this.#random), tell);
  }

  /** Whether a caller that is refused now may wait. */
  get mayWait(): boolean {
    return this.b.kind === 'halfOpen' && this.waiting.length < this.options.halfOpen.maxWaiting;
  }

  hears(event: EventName): boolean {
    return this.#heard.includes(event);
  }

  look(): void {
    look(this.b);
    this.admitWaiting();
  }

  enter(): Call | RejectionReason {
    this.look();
    const admission = enter(this.b);
    this.#seal();
    return admission;
  }

  refuse(reason: RejectionReason): void {
    this.totals.rejected += 1;
    const waitMs = this.b.kind === 'rampUp' ? 1000 : retryAfterMs(this.b);
    this.say('rejected', { reason, retryAfterMs: waitMs });
  }

  end(call: Call, verdict: Verdict, error?: unknown): void {
    look(this.b);
    const durationMs = call.isTimed && this.b.options.isTimed ? this.b.now - call.at : undefined;
    this.#ending = { outcome: verdict.outcome, durationMs, error };
    end(this.b, call, verdict);
    this.admitWaiting();
  }

  /** Makes the changes due by now, then `change`. */
  change(change: () => void): void {
    look(this.b);
    change();
    look(this.b);
    this.admitWaiting();
  }

  /** The places there are go to those who came first. */
  admitWaiting(): void {
    this.#seal();
    while (this.waiting.length > 0) {
      const { b } = this;
      const waited = b.running.filter(
        ({ hasWaited, generation }) => hasWaited && generation === b.generation,
      ).length;
      const isBounded = b.kind === 'halfOpen' || b.state === 'closed';
      if (isBounded && waited >= this.options.halfOpen.maxConcurrent) return;
      const admission = enter(b);
      if (admission === 'trialsBusy') return;
      const waiter = this.waiting[0] as Waiter;
      this.leave(waiter);
      if (typeof admission === 'string') waiter.refused(admission);
      else {
        admission.hasWaited = true;
        waiter.admitted(admission);
      }
    }
    this.#seal();
  }

  /** @returns whether it still waited */
  leave(waiter: Waiter): boolean {
    const before = this.waiting.length;
    this.deadlines.remove(waiter.deadline);
    this.waiting = this.waiting.filter((other) => other !== waiter);
    return this.waiting.length < before;
  }

  take(options: PlainOptions): void {
    const { b } = this;
    // The share that was reached by now stays, and grows by the new options from here.
    if (b.kind === 'rampUp') {
      b.share = Math.max(b.options.initialShare ?? 1, b.options.share(b));
      b.since = b.now;
    }
    this.options = options;
    b.options = meaningOf(options, this.#random);
  }

  /** Tells an event of a change that is complete. */
  say(event: EventName, facts: Told['facts']): void {
    this.#note(event, facts);
    this.#seal();
  }

  #note(event: EventName, facts: Told['facts']): void {
    if (this.#heard.includes(event)) this.told.push({ event, facts, state: undefined });
  }

  /** Turns what the model tells into events. */
  #tell(what: string, from?: CircuitState, reason?: Reason, waitMs?: number): void {
    const { b } = this;
    switch (what) {
      case 'open':
      case 'wouldOpen': {
        const { calls, failures, slow } = sumsOf(this.options.window, b);
        const counts = { calls, failures, slow };
        const leftMs = waitMs === undefined ? retryAfterMs(b) : Math.ceil(waitMs);
        const event = what === 'open' ? 'opened' : what;
        if (event === 'opened') this.totals.opened += 1;
        this.#note(event, { from, reason, retryAfterMs: leftMs, ...counts });
        return;
      }
      case 'halfOpen':
        this.#note(b.kind === 'rampUp' ? 'rampUpStarted' : 'halfOpened', { from });
        return;
      case 'closed':
        this.#note('closed', { from, reason });
        return;
      default:
        this.#tellEnding(what === 'late');
    }
  }

  #tellEnding(isLate: boolean): void {
    const { outcome, durationMs, error } = this.#ending as Ending;
    if (isLate) {
      this.totals.late += 1;
      this.#note('lateResultDropped', { outcome });
    } else if (this.b.kind !== 'disabled') {
      const event = EVENT_OF[outcome];
      this.totals[event] += 1;
      this.#note(event, outcome === 'success' ? { durationMs } : { durationMs, error });
    }
  }

  /** Notes the state in which listeners find the breaker, for all that was told by now. */
  #seal(): void {
    for (; this.#sealed < this.told.length; this.#sealed += 1) {
      const told = this.told[this.#sealed] as Told;
      this.told[this.#sealed] = { ...told, state: this.b.state };
    }
  }
}
