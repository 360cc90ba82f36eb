import {
  BreakerOpenError,
  BreakerShutDownError,
  type CircuitBreakerError,
  type RejectionReason,
  withoutStack,
} from '../errors.js';
import { AUDIENCE } from '../events/audience.js';
import type { GuardedEmitter } from '../events/guarded-emitter.js';
import { Rethrown } from '../operation/rethrown.js';
import { abortedBy, watchSignal } from '../operation/watch-signal.js';
import { keepCallerContext } from '../ports/caller-context.js';
import { LatencyHistogram } from '../window/latency-histogram.js';
import type { Bulletin } from './bulletin.js';
import { type Counted, countedAs, PLAIN } from './counted.js';
import type { CircuitBreakerEvents } from './events.js';
import type { Generation, Handlers } from './generation.js';
import type { Outcome, Settled } from './outcome.js';
import { CallPermit, type PermitOffice } from './permit.js';
import { Refusal } from './refusal.js';
import { refusalTimer, refusedForMs, retryAfterMs } from './retry-after.js';
import type { RunningCall } from './running-calls.js';
import { publicState } from './state.js';
import type { StateMachine } from './state-machine.js';
import { type TimedCall, TimedCallPool, type TimedEnds } from './timed-calls.js';
import type { Transition } from './transition.js';
import { WaitingRoom } from './waiting-room.js';
import { WakeUp } from './wake-up.js';

/** Milliseconds over which durations are kept where the window is not one of time. */
const LATENCY_MS = 60_000;

const isPlain = ({ plainAt, asks }: Generation, bulletin: Bulletin): boolean =>
  plainAt === AUDIENCE.changes && !(asks && bulletin.hears('succeeded'));

const rejected = (error: unknown): Settled => ({ status: 'rejected', error });

/** What only some uses of a breaker need. Made when it is first needed: most breakers are idle. */
interface Extras {
  room?: WaitingRoom<CallPermit>;
  /** Calls that run and had to wait: no more at once than there may be trials, so that no crowd follows on the last one. */
  admitted?: { readonly generation: Generation; calls: number };
  wakeUp?: WakeUp;
}

/** Lets calls in and takes in how they end: the part of a breaker that joins its states, its events and its callers. */
export class Engine implements PermitOffice, TimedEnds {
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
  #extras: Extras | undefined = undefined;

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
    return this.#extras?.room?.size ?? 0;
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
    this.#tellNews();
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
    if (this.machine.state.kind !== 'open') this.#extras?.wakeUp?.cancel();
    this.#admitWaiting();
  }

  /** Lets one call in, or says why not. */
  enter(): CallPermit | RejectionReason {
    this.advance();
    if (this.machine.isTimed) this.machine.now();
    const reason = this.machine.admit();
    const admission = reason ?? this.#permit();
    // Calls that hang may have opened it just now.
    this.#tellNews();
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

  /** Lets a timed call in, without an object for each. Undefined if it must be asked for the long way. */
  enterTimed(generation: Generation): TimedCall | undefined {
    const { machine } = this;
    const { timed } = this;
    if (timed === undefined || generation.plainAt !== AUDIENCE.changes) return this.#enterTimed();
    const now = machine.now();
    const { running } = generation;
    // Calls that hang may open it.
    if (running.slowAt(now, generation.slowMs) > 0) return this.#enterTimed();
    const call = timed.take(generation);
    this.started += 1;
    running.add(call, now);
    return call;
  }

  #enterTimed(): TimedCall | undefined {
    const { machine } = this;
    if (machine.state.kind !== 'closed' || !machine.isTimed) return undefined;
    const now = machine.now();
    if (machine.admit() !== undefined) {
      this.#tellNews();
      return undefined;
    }
    this.timed ??= new TimedCallPool(this);
    const call = this.timed.take(machine.generation);
    this.started += 1;
    machine.generation.running.add(call, now);
    if (machine.hasNews) this.#tellNews();
    return call;
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
      this.#end(generation, undefined, this.#counted({ status: 'fulfilled', value }), undefined);
      return;
    }
    const isHeard = bulletin.hears('succeeded');
    machine.countSuccess({ isHeard, isSteady: bulletin.isSteady });
    this.#ended += 1;
    this.#succeeded += 1;
    if (isHeard) bulletin.ended('success', undefined, undefined);
    if (machine.hasNews) this.#tellNews();
  }

  /** Takes in the end of a timed call: the plain success, which most are, by the shortest way. */
  timedFulfilled(call: TimedCall, value: unknown): unknown {
    const { machine } = this;
    const { generation } = call;
    if (isPlain(generation, this.bulletin)) {
      const { running } = generation;
      const now = machine.now();
      const durationMs = now - call.startedAt;
      if (running.slowAt(now, generation.slowMs) === 0) {
        running.remove(call);
        machine.plainSuccesses += 1;
        if (this.latency !== undefined) this.latency.record(durationMs);
        this.timed?.giveBack(call);
        return value;
      }
    }
    return this.#timedFulfilled(call, value);
  }

  #timedFulfilled(call: TimedCall, value: unknown): unknown {
    const { machine, bulletin } = this;
    const { generation } = call;
    const { classify, latency } = machine.settings;
    // Whether it is timed may have been changed while it ran.
    const isPlain =
      classify === undefined &&
      generation === machine.current &&
      machine.state.kind === 'closed' &&
      machine.isTimed &&
      this.#extras?.room === undefined;
    if (isPlain) {
      const durationMs = machine.now() - call.startedAt;
      generation.running.remove(call);
      const isHeard = bulletin.hears('succeeded');
      machine.countTimedSuccess(durationMs, { isHeard, isSteady: bulletin.isSteady });
      this.#ended += 1;
      this.#succeeded += 1;
      if (latency) this.#keepDuration(durationMs);
      if (isHeard) bulletin.ended('success', durationMs, undefined);
      if (machine.hasNews) this.#tellNews();
    } else {
      this.#end(generation, call, this.#counted({ status: 'fulfilled', value }), undefined);
    }
    this.timed?.giveBack(call);
    return value;
  }

  timedRejected(call: TimedCall, error: unknown): unknown {
    this.#end(call.generation, call, this.#counted(rejected(error)), error);
    this.timed?.giveBack(call);
    return new Rethrown(error);
  }

  callIgnored(generation: Generation): void {
    this.#end(generation, undefined, PLAIN.ignored, undefined);
  }

  callRejected(generation: Generation, error: unknown): void {
    this.#end(generation, undefined, this.#counted(rejected(error)), error);
  }

  settlePermit(
    permit: CallPermit,
    outcome: 'success' | 'failure' | 'ignored',
    error: unknown,
  ): void {
    this.#end(permit.generation, permit, PLAIN[outcome], error);
  }

  classifyPermit(permit: CallPermit, settled: Settled): void {
    const error = settled.status === 'rejected' ? settled.error : undefined;
    this.#end(permit.generation, permit, this.#counted(settled), error);
  }

  /** Counts and tells a refusal. */
  countRefusal(reason: RejectionReason): void {
    this.rejected += 1;
    if (this.bulletin.isSilent) return;
    this.bulletin.rejected(reason, () => refusedForMs(this.machine));
  }

  /** The refusal of a breaker that is surely still open, by the shortest way; else undefined. */
  refuseIfOpen(generation: Generation): Promise<never> | undefined {
    const { machine, bulletin } = this;
    if (!machine.isSurelyOpen) return undefined;
    const refusal = this.refuse('open');
    if (bulletin.isSteady && !bulletin.hears('rejected')) this.#refuseUntilTick(generation);
    return refusal;
  }

  /** Refuses a call of a generation that says by `refusedAt` that it can. */
  refuseAgain({ refusal }: Generation): Promise<never> {
    this.rejected += 1;
    const { sharedRejection } = this.machine.settings;
    // It was refused before.
    return sharedRejection ? (refusal as Refusal).shared() : (refusal as Refusal).own();
  }

  #refuseUntilTick(generation: Generation): void {
    const { state } = this.machine;
    if (state.kind !== 'open' || generation.refusedAt === AUDIENCE.changes) return;
    const ended = () => {
      generation.refusedAt = -1;
    };
    if (state.coarse.beforeTick?.(ended)) generation.refusedAt = AUDIENCE.changes;
  }

  /** Refuses a call for `reason`, by a promise. */
  refuse(reason: RejectionReason): Promise<never> {
    this.countRefusal(reason);
    const refusal = this.refusal(reason);
    return this.machine.settings.sharedRejection ? refusal.shared() : refusal.own();
  }

  /** What callers are refused with, one for each generation. */
  refusal(reason: RejectionReason): Refusal {
    const { generation } = this.machine;
    generation.refusal ??= new Refusal(withoutStack(() => this.#refusalError(reason)));
    return generation.refusal;
  }

  /** Waits for a trial's place. */
  wait(signal: AbortSignal | undefined): Promise<CallPermit> {
    const { clock, halfOpen } = this.machine.settings;
    const extras = this.#made;
    extras.room ??= new WaitingRoom(clock, () => this.advance());
    const { room } = extras;
    // Whoever refuses this call later is a timer, or another call.
    const context = keepCallerContext();
    return new Promise((resolve, reject) => {
      let leave = () => {};
      let stopWatching = () => {};
      try {
        if (signal?.aborted) throw abortedBy(signal);
        const admit = (permit: CallPermit) => {
          stopWatching();
          resolve(permit);
        };
        const refuse = (reason: RejectionReason) => {
          stopWatching();
          context.runInAsyncScope(() => this.countRefusal(reason));
          reject(this.refusal(reason).error);
        };
        leave = room.enter({ admit, refuse }, halfOpen.maxWaitMs);
        if (signal === undefined) return;
        stopWatching = watchSignal(signal, (error) => {
          leave();
          reject(error);
        });
      } catch (error) {
        // Aborted already, a clock that sets no timer, or a signal that cannot be listened to.
        leave();
        reject(error);
      }
    });
  }

  get #made(): Extras {
    this.#extras ??= {};
    return this.#extras;
  }

  #permit(): CallPermit {
    const { machine } = this;
    const { generation } = machine;
    const permit = new CallPermit(generation, this);
    this.started += 1;
    if (machine.isTimed) generation.running.add(permit, machine.recent);
    return permit;
  }

  #refusalError(reason: RejectionReason): CircuitBreakerError {
    const { machine } = this;
    const { breaker } = this.bulletin;
    if (machine.state.kind === 'shutDown') return new BreakerShutDownError({ breaker });
    return new BreakerOpenError({ breaker, reason, retryAfterMs: refusalTimer(machine) });
  }

  #counted(settled: Settled): Counted {
    return countedAs(this.machine.settings, settled);
  }

  /** Takes in the end of a call that began in `generation`: first the state, then the events. */
  #end(
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
    const admitted = this.#extras?.admitted;
    if (admitted?.generation === generation && call instanceof CallPermit && call.hasWaited) {
      admitted.calls -= 1;
    }
    const { outcome } = counted;
    if (!counts) this.late += 1;
    else if (!isDisabled) this.#countTotal(outcome);
    if (counts && !isDisabled && durationMs !== undefined) this.#keepDuration(durationMs);
    this.#publish(due);
    if (!counts) this.bulletin.tell('lateResultDropped', { outcome });
    else if (!isDisabled) this.bulletin.ended(outcome, durationMs, error);
    this.#publish(caused);
    this.#admitWaiting();
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
  #tellNews(): void {
    const made = this.machine.takeTransitions();
    if (made.length === 0) return;
    this.#publish(made);
    this.#admitWaiting();
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
      this.#extras?.wakeUp?.cancel();
      return;
    }
    const extras = this.#made;
    extras.wakeUp ??= new WakeUp(machine.settings.clock, () => {
      this.advance();
      // Timers may be early by a clock that is finer than they are.
      this.#setWakeUp();
    });
    extras.wakeUp.setFor(retryAfterMs(machine));
  }

  /**
   * Gives the places there are now to those who wait, and refuses them once there are none to come. Also
   * when it has closed, no more of them run at once than there may be trials: a crowd that has gathered
   * must not come all at once to what has just recovered.
   */
  #admitWaiting(): void {
    const { machine } = this;
    const extras = this.#extras;
    if (extras?.room === undefined) return;
    if (machine.isTimed) machine.now();
    const { room } = extras;
    while (room.size > 0) {
      const { generation } = machine;
      // One that was let in before the last change, and hangs, takes nobody's place now.
      if (extras.admitted?.generation !== generation) extras.admitted = { generation, calls: 0 };
      const { admitted } = extras;
      const isFull = admitted.calls >= machine.settings.halfOpen.maxConcurrent;
      // A ramp-up bounds them by its share.
      const isBounded =
        machine.state.kind === 'halfOpen' || publicState(machine.state) === 'closed';
      if (isFull && isBounded) return;
      const reason = machine.admit();
      // The others wait on; in any other state there is no place to wait for.
      if (reason === 'trialsBusy') return;
      if (reason === undefined) {
        const permit = this.#permit();
        permit.hasWaited = true;
        admitted.calls += 1;
        room.shift()?.admit(permit);
      } else room.shift()?.refuse(reason);
      if (machine.hasNews) this.#tellNews();
    }
  }
}
