import type { RejectionReason } from '../errors.js';
import type { GuardedEmitter } from '../events/guarded-emitter.js';
import { Rethrown } from '../operation/rethrown.js';
import { LatencyHistogram } from '../window/latency-histogram.js';
import type { Bulletin } from './bulletin.js';
import { type Counted, countedAs, PLAIN } from './counted.js';
import type { CircuitBreakerEvents } from './events.js';
import { type Generation, type Handlers, isPlain } from './generation.js';
import type { Outcome, Settled } from './outcome.js';
import { CallPermit, type PermitOffice } from './permit.js';
import { retryAfterMs } from './retry-after.js';
import type { RunningCall } from './running-calls.js';
import type { StateMachine } from './state-machine.js';
import type { TimedCallPool } from './timed-calls.js';
import type { Transition } from './transition.js';
import { WaitingCalls } from './waiting-calls.js';
import { WakeUp } from './wake-up.js';

/** Milliseconds over which durations are kept where the window is not one of time. */
const LATENCY_MS = 60_000;

/** Lets calls in and takes in how they end: the part of a breaker that joins its states, its events and its callers. */
export class Engine implements PermitOffice {
  readonly machine: StateMachine;
  readonly bulletin: Bulletin;
  /** Calls that began, and ended in another way than by a plain success. */
  started = 0;
  #ended = 0;
  /** Successes that were not plain. */
  #succeeded = 0;
  failed = 0;
  ignored = 0;
  rejected = 0;
  late = 0;
  opened = 0;
  /** How long calls took; undefined unless that is kept. */
  latency: LatencyHistogram | undefined = undefined;
  timed: TimedCallPool | undefined = undefined;
  /** Undefined until one has to wait. */
  waitingCalls: WaitingCalls | undefined = undefined;
  #wakeUp: WakeUp | undefined = undefined;

  constructor(machine: StateMachine, bulletin: Bulletin) {
    this.machine = machine;
    this.bulletin = bulletin;
  }

  get inFlight(): number {
    return this.started - this.#ended - this.machine.plainSuccesses;
  }

  get succeeded(): number {
    return this.#succeeded + this.machine.plainSuccesses;
  }

  get waiting(): number {
    return this.waitingCalls?.size ?? 0;
  }

  /** Whether a call that is refused now may wait instead. */
  get mayWait(): boolean {
    const { maxWaiting } = this.machine.settings.halfOpen;
    if (maxWaiting === 0) return false;
    this.advance();
    return this.machine.state.kind === 'halfOpen' && this.waiting < maxWaiting;
  }

  get events(): GuardedEmitter<CircuitBreakerEvents> {
    return this.bulletin.emitterFor(() => this.#setWakeUp());
  }

  advance(): void {
    this.machine.advance();
    this.tellNews();
  }

  /** Makes the transitions due by now, then `change`; events only come once the state is final. */
  change(change: () => void): void {
    this.machine.advance();
    change();
    // Other options may make due what was not.
    this.machine.advance();
    if (!this.machine.settings.latency) this.latency = undefined;
    this.#publish(this.machine.takeTransitions());
    // Held or shut down while it was open: nobody is told, and nothing is to come in time.
    if (this.machine.state.kind !== 'open') this.#wakeUp?.cancel();
    this.waitingCalls?.admit();
  }

  /** Lets one call in, or says why not. */
  enter(): CallPermit | RejectionReason {
    this.advance();
    if (this.machine.isTimed) this.machine.now();
    const reason = this.machine.admit();
    const admission = reason ?? this.permit();
    // Calls that hang may have opened it just now.
    this.tellNews();
    return admission;
  }

  /** Makes the handlers of a generation: two closures for all its calls. */
  equip(generation: Generation): Handlers {
    const { machine, bulletin } = this;
    const handlers: Handlers = {
      fulfilled: (value) => {
        if (isPlain(generation, bulletin)) machine.plainSuccesses += 1;
        else this.#fulfilled(generation, value);
        return value;
      },
      rejected: (error) => {
        this.callRejected(generation, error);
        return new Rethrown(error);
      },
    };
    generation.handlers = handlers;
    return handlers;
  }

  /** For a call that was admitted. */
  permit(): CallPermit {
    const { machine } = this;
    const { generation } = machine;
    const permit = new CallPermit(generation, this);
    this.started += 1;
    if (machine.isTimed) generation.running.add(permit, machine.recent);
    return permit;
  }

  /** Takes in the end of an untimed call. */
  callFulfilled(generation: Generation, value: unknown): void {
    if (isPlain(generation, this.bulletin)) this.machine.plainSuccesses += 1;
    else this.#fulfilled(generation, value);
  }

  /** A success that may have to be told, or to be looked at. */
  #fulfilled(generation: Generation, value: unknown): void {
    const { machine, bulletin } = this;
    const { isOpenToAll } = generation;
    if (machine.settings.classify !== undefined || !isOpenToAll || generation !== machine.current) {
      this.end(generation, undefined, { status: 'fulfilled', value });
      return;
    }
    const isHeard = bulletin.hears('succeeded');
    machine.countSuccess({ isHeard, isSteady: bulletin.isSteady });
    this.succeededSimply(isHeard, undefined);
  }

  /** Takes in a success of this generation that the machine has counted. */
  succeededSimply(isHeard: boolean, durationMs: number | undefined): void {
    this.#ended += 1;
    this.#succeeded += 1;
    if (durationMs !== undefined) this.#keepDuration(durationMs);
    if (isHeard) this.bulletin.ended('success', durationMs, undefined);
    if (this.machine.hasNews) this.tellNews();
  }

  callIgnored(generation: Generation): void {
    this.#count(generation, undefined, PLAIN.ignored, undefined);
  }

  callRejected(generation: Generation, error: unknown): void {
    this.end(generation, undefined, { status: 'rejected', error });
  }

  settlePermit(
    permit: CallPermit,
    outcome: 'success' | 'failure' | 'ignored',
    error: unknown,
  ): void {
    this.#count(permit.generation, permit, PLAIN[outcome], error);
  }

  classifyPermit(permit: CallPermit, settled: Settled): void {
    this.end(permit.generation, permit, settled);
  }

  /** Waits for a trial's place. */
  wait(signal: AbortSignal | undefined): Promise<CallPermit> {
    this.waitingCalls ??= new WaitingCalls(this);
    return this.waitingCalls.add(signal);
  }

  /** Takes in the end of a call that began in `generation`, as it is classified. */
  end(generation: Generation, call: RunningCall | undefined, settled: Settled): void {
    const error = settled.status === 'rejected' ? settled.error : undefined;
    this.#count(generation, call, countedAs(this.machine.settings, settled), error);
  }

  /** First the state, then the events. */
  #count(
    generation: Generation,
    call: RunningCall | undefined,
    counted: Counted,
    error: unknown,
  ): void {
    const { machine } = this;
    machine.advance();
    const due = machine.takeTransitions();
    if (machine.isTimed) machine.now();
    const durationMs = this.#durationOf(generation, call);
    const isDisabled = machine.state.kind === 'disabled';
    const isSlow = durationMs !== undefined && machine.isSlow(durationMs);
    const counts = machine.settle(generation, counted, isSlow);
    const caused = machine.takeTransitions();
    this.#ended += 1;
    const { waitingCalls } = this;
    if (waitingCalls !== undefined && call instanceof CallPermit) waitingCalls.ended(call);
    const { outcome } = counted;
    if (!counts) this.late += 1;
    else if (!isDisabled) this.#countTotal(outcome);
    if (counts && !isDisabled && durationMs !== undefined) this.#keepDuration(durationMs);
    this.#publish(due);
    if (!counts) this.bulletin.tell('lateResultDropped', { outcome });
    else if (!isDisabled) this.bulletin.ended(outcome, durationMs, error);
    this.#publish(caused);
    this.waitingCalls?.admit();
  }

  #countTotal(outcome: Outcome): void {
    if (outcome === 'success') this.#succeeded += 1;
    else if (outcome === 'failure') this.failed += 1;
    else this.ignored += 1;
  }

  /** How long a timed call took; undefined for others. Takes it off the list of those that run. */
  #durationOf(generation: Generation, call: RunningCall | undefined): number | undefined {
    if (call === undefined || !call.isListed) return undefined;
    generation.running.remove(call);
    return this.machine.isTimed ? this.machine.recent - call.startedAt : undefined;
  }

  #keepDuration(durationMs: number): void {
    const { settings } = this.machine;
    if (!settings.latency) return;
    const { window } = settings;
    const keptMs = window.kind === 'time' ? window.durationMs : LATENCY_MS;
    this.latency ??= new LatencyHistogram(keptMs, { read: () => this.machine.recent });
    this.latency.record(durationMs);
  }

  /** Tells what has changed, and then looks after those who wait. */
  tellNews(): void {
    const made = this.machine.takeTransitions();
    if (made.length === 0) return;
    this.#publish(made);
    this.waitingCalls?.admit();
  }

  #publish(transitions: readonly Transition[]): void {
    if (transitions.length === 0) return;
    for (const { to } of transitions) if (to === 'open') this.opened += 1;
    this.#setWakeUp();
    this.bulletin.transitions(transitions);
  }

  /** Looks again when the breaker is to be half-open, if someone wants to hear of it. */
  #setWakeUp(): void {
    const { machine, bulletin } = this;
    if (machine.state.kind !== 'open' || !bulletin.hears('halfOpened')) {
      this.#wakeUp?.cancel();
      return;
    }
    this.#wakeUp ??= new WakeUp(machine.settings.clock, () => this.advance());
    this.#wakeUp.setFor(retryAfterMs(machine));
  }
}
