import { AUDIENCE } from '../events/audience.js';
import { Rethrown } from '../operation/rethrown.js';
import type { Engine } from './engine.js';
import { type Generation, isPlain } from './generation.js';
import { RunningCall } from './running-calls.js';

/** A timed call with handlers of its own, used again and again: to make them for each call costs three times the memory. */
export class TimedCall extends RunningCall {
  generation!: Generation;
  readonly fulfilled: (value: unknown) => unknown;
  readonly rejected: (error: unknown) => unknown;

  constructor(engine: Engine) {
    super();
    this.fulfilled = (value) => timedFulfilled(engine, this, value);
    this.rejected = (error) => timedRejected(engine, this, error);
  }
}

/** As many as ran at once in a busy moment; more than that were a burst. */
const MOST_KEPT = 1000;

/** Timed calls that are not in use. */
export class TimedCallPool {
  readonly #free: TimedCall[] = [];
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  take(generation: Generation): TimedCall {
    const call = this.#free.pop() ?? new TimedCall(this.#engine);
    call.generation = generation;
    return call;
  }

  giveBack(call: TimedCall): void {
    if (this.#free.length < MOST_KEPT) this.#free.push(call);
  }
}

/** Lets a timed call in, without an object for each. Undefined if it must be asked for the long way. */
export const enterTimed = (engine: Engine, generation: Generation): TimedCall | undefined => {
  const { machine, timed } = engine;
  if (timed === undefined || generation.plainAt !== AUDIENCE.changes) return enterClosed(engine);
  const now = machine.now();
  const { running } = generation;
  // Calls that hang may open it.
  if (running.slowAt(now, generation.slowMs) > 0) return enterClosed(engine);
  const call = timed.take(generation);
  engine.started += 1;
  running.add(call, now);
  return call;
};

const enterClosed = (engine: Engine): TimedCall | undefined => {
  const { machine } = engine;
  if (machine.state.kind !== 'closed' || !machine.isTimed) return undefined;
  const now = machine.now();
  if (machine.admit() !== undefined) {
    engine.tellNews();
    return undefined;
  }
  engine.timed ??= new TimedCallPool(engine);
  const call = engine.timed.take(machine.generation);
  engine.started += 1;
  machine.generation.running.add(call, now);
  if (machine.hasNews) engine.tellNews();
  return call;
};

/** Takes in the end of a timed call: the plain success, which most are, by the shortest way. */
const timedFulfilled = (engine: Engine, call: TimedCall, value: unknown): unknown => {
  const { machine } = engine;
  const { generation } = call;
  if (isPlain(generation, engine.bulletin)) {
    const { running } = generation;
    const now = machine.now();
    const durationMs = now - call.startedAt;
    if (running.slowAt(now, generation.slowMs) === 0) {
      running.remove(call);
      machine.plainSuccesses += 1;
      if (engine.latency !== undefined) engine.latency.record(durationMs);
      engine.timed?.giveBack(call);
      return value;
    }
  }
  succeeded(engine, call, value);
  engine.timed?.giveBack(call);
  return value;
};

/** A success that may have to be told, or to be looked at. */
const succeeded = (engine: Engine, call: TimedCall, value: unknown): void => {
  const { machine } = engine;
  const { generation } = call;
  // Whether it is timed may have been changed while it ran.
  const isSimple =
    machine.settings.classify === undefined &&
    generation === machine.current &&
    machine.state.kind === 'closed' &&
    machine.isTimed &&
    engine.waitingCalls === undefined;
  if (!isSimple) {
    engine.end(generation, call, { status: 'fulfilled', value });
    return;
  }
  const durationMs = machine.now() - call.startedAt;
  generation.running.remove(call);
  const isHeard = engine.bulletin.hears('succeeded');
  machine.countTimedSuccess(durationMs, { isHeard, isSteady: engine.bulletin.isSteady });
  engine.succeededSimply(isHeard, durationMs);
};

const timedRejected = (engine: Engine, call: TimedCall, error: unknown): unknown => {
  engine.end(call.generation, call, { status: 'rejected', error });
  engine.timed?.giveBack(call);
  return new Rethrown(error);
};
