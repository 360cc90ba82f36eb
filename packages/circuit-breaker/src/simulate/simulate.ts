import { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { CircuitBreakerEvents } from '../breaker/events.js';
import type { Classification, Outcome } from '../breaker/outcome.js';
import type { Permit } from '../breaker/permit.js';
import type { CircuitState } from '../breaker/state.js';
import type { CloseReason, OpenReason } from '../breaker/transition.js';
import type { RejectionReason } from '../errors.js';
import { BinaryHeap, type HeapItem } from '../operation/binary-heap.js';
import type { CircuitBreakerOptions } from '../options.js';
import { ManualClock } from '../testing/manual-clock.js';
import { readFunction, refuseUnknown } from '../validation.js';
import { type OutcomeOf, type Replayed, readTrace, type TraceCall } from './trace.js';

export interface SimulateOptions<C extends TraceCall = TraceCall> {
  /**
   * The options to try. `name`, `clock` and `classify` are of no account here, and `random` is a half unless given,
   * so that the same trace always ends the same.
   */
  readonly breaker?: Partial<CircuitBreakerOptions> | undefined;
  /** What a call counts as; it may say a weight or a wait. Default: by its `outcome` or `status`. */
  readonly outcomeOf?: OutcomeOf<C> | undefined;
}

/** A change the breaker would have made. */
export interface SimulatedTransition {
  /** In the time of the trace. */
  readonly atMs: number;
  readonly event: (typeof TRANSITIONS)[number];
  readonly from: CircuitState;
  /** Why, if it opened or closed. */
  readonly reason: OpenReason | CloseReason | undefined;
}

/** How calls ended. */
export interface OutcomeCounts {
  readonly calls: number;
  readonly successes: number;
  readonly failures: number;
  readonly ignored: number;
}

/** What a breaker would have done. */
export interface Simulation {
  readonly transitions: readonly SimulatedTransition[];
  /** The calls it would have let through. */
  readonly admitted: OutcomeCounts;
  /** The calls it would have refused, by how they really ended: the successes among them are its price. */
  readonly refused: OutcomeCounts & {
    readonly reasons: Readonly<Partial<Record<RejectionReason, number>>>;
  };
  /** What callers would have been spared: calls that failed, and the ms they waited for that. */
  readonly saved: { readonly failures: number; readonly waitedMs: number };
  /** Milliseconds it was open, up to the end of the last call. */
  readonly openMs: number;
  /** At the end of the last call. */
  readonly state: CircuitState;
}

const TRANSITIONS = ['opened', 'wouldOpen', 'halfOpened', 'rampUpStarted', 'closed'] as const;
const FIELD = { success: 'successes', failure: 'failures', ignored: 'ignored' } as const;

/**
 * Replays a trace against a breaker with other options, in no time: which calls it would have refused,
 * when it would have opened and closed. The calls come and end as they did: callers do not wait for a
 * trial's place, and a side that was spared calls recovers no sooner.
 * @throws InvalidOptionError for an unknown or impossible option, or what is no trace; and what `outcomeOf` throws
 */
export const simulate = <C extends TraceCall>(
  trace: readonly C[],
  options: SimulateOptions<C> = {},
): Simulation => {
  refuseUnknown('', options, ['breaker', 'outcomeOf']);
  const { breaker = {}, outcomeOf } = options;
  const calls = readTrace(trace, readFunction('outcomeOf', outcomeOf));
  return new Replay(breaker, calls[0]?.beginsAt ?? 0).run(calls);
};

class Running implements HeapItem {
  place = 0;
  readonly deadline: number;
  /** How many began before it. */
  readonly order: number;
  readonly permit: Permit;
  readonly counted: Classification;

  constructor(deadline: number, order: number, permit: Permit, counted: Classification) {
    this.deadline = deadline;
    this.order = order;
    this.permit = permit;
    this.counted = counted;
  }
}

class Replay {
  readonly #clock: ManualClock;
  readonly #breaker: CircuitBreaker;
  readonly #running = new BinaryHeap<Running>();
  readonly #transitions: SimulatedTransition[] = [];
  readonly #admitted = { calls: 0, successes: 0, failures: 0, ignored: 0 };
  readonly #refused = { calls: 0, successes: 0, failures: 0, ignored: 0 };
  readonly #reasons: Partial<Record<RejectionReason, number>> = {};
  #waitedMs = 0;
  #openMs = 0;
  #openSince: number | undefined;

  constructor(options: Partial<CircuitBreakerOptions>, beginsAt: number) {
    this.#clock = new ManualClock({ now: beginsAt });
    this.#breaker = new CircuitBreaker({
      random: () => 0.5,
      ...options,
      name: 'simulation',
      clock: this.#clock,
      classify: (settled) => (settled as { readonly value: unknown }).value as Classification,
    });
    for (const event of TRANSITIONS) {
      this.#breaker.events.on(event, (payload) => this.#changed(event, payload));
    }
    this.#breaker.events.on('rejected', ({ reason }) => {
      this.#reasons[reason] = (this.#reasons[reason] ?? 0) + 1;
    });
  }

  run(calls: readonly Replayed[]): Simulation {
    for (const call of calls) {
      this.#endUntil(call.beginsAt);
      this.#moveTo(call.beginsAt);
      this.#begin(call);
    }
    this.#endUntil(Number.POSITIVE_INFINITY);
    // Those that were refused would have ended too.
    this.#moveTo(
      calls.reduce((latest, { endsAt }) => Math.max(latest, endsAt), Number.NEGATIVE_INFINITY),
    );
    const { state } = this.#breaker;
    if (this.#openSince !== undefined) this.#openMs += this.#clock.now() - this.#openSince;
    const { failures } = this.#refused;
    return {
      transitions: this.#transitions,
      admitted: this.#admitted,
      refused: { ...this.#refused, reasons: this.#reasons },
      saved: { failures, waitedMs: this.#waitedMs },
      openMs: this.#openMs,
      state,
    };
  }

  #moveTo(time: number): void {
    // Never below 0, which sums of fractions may come to.
    this.#clock.advance(Math.max(0, time - this.#clock.now()));
  }

  /** A call that ends when another begins has ended before. */
  #endUntil(time: number): void {
    let { first } = this.#running;
    while (first !== undefined && first.deadline <= time) {
      this.#moveTo(first.deadline);
      for (const { permit, counted } of this.#takeEnding(first.deadline)) {
        permit.report({ status: 'fulfilled', value: counted });
      }
      first = this.#running.first;
    }
  }

  /** Those that end at one moment end in the order in which they began. */
  #takeEnding(time: number): Running[] {
    const ending: Running[] = [];
    let { first } = this.#running;
    while (first?.deadline === time) {
      this.#running.remove(first);
      ending.push(first);
      first = this.#running.first;
    }
    return ending.toSorted((one, other) => one.order - other.order);
  }

  #begin({ beginsAt, endsAt, counted }: Replayed): void {
    const permit = this.#breaker.tryAcquire();
    const counts = permit === undefined ? this.#refused : this.#admitted;
    const outcome = outcomeOf(counted);
    counts.calls += 1;
    counts[FIELD[outcome]] += 1;
    if (permit !== undefined) {
      this.#running.add(new Running(endsAt, counts.calls, permit, counted));
    } else if (outcome === 'failure') this.#waitedMs += endsAt - beginsAt;
  }

  #changed<E extends (typeof TRANSITIONS)[number]>(
    event: E,
    payload: CircuitBreakerEvents[E],
  ): void {
    const atMs = this.#clock.now();
    const { from, reason } = payload as { from: CircuitState; reason?: OpenReason | CloseReason };
    this.#transitions.push({ atMs, event, from, reason });
    if (event === 'opened') this.#openSince ??= atMs;
    else if (this.#openSince !== undefined) {
      this.#openMs += atMs - this.#openSince;
      this.#openSince = undefined;
    }
  }
}

const outcomeOf = (counted: Classification): Outcome =>
  typeof counted === 'string' ? counted : counted.outcome;
