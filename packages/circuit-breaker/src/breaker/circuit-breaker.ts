import type { CircuitBreakerError } from '../errors.js';
import type { EventSink, GuardedEmitter } from '../events/guarded-emitter.js';
import { readSink } from '../events/read-sink.js';
import type { Operation } from '../operation/operation.js';
import { declaredAs } from '../operation/repeatable.js';
import { start } from '../operation/start.js';
import { abortedBy } from '../operation/watch-signal.js';
import { whenEnded } from '../operation/when-ended.js';
import type { BreakerMode, ChangeableOptions, CircuitBreakerOptions } from '../options.js';
import { changeSettings } from '../settings/change-settings.js';
import { resolveOptions } from '../settings/resolve-options.js';
import {
  checkCall,
  checkSignal,
  LONGEST_MS,
  readChoice,
  readNumber,
  refuseUnknown,
} from '../validation.js';
import { Bulletin } from './bulletin.js';
import { reset, shutDown, takeHold } from './by-hand.js';
import {
  CONTEXT,
  type ExecuteOptions,
  executeSyncWithCare,
  executeWithCare,
} from './careful-calls.js';
import { Engine } from './engine.js';
import type { CircuitBreakerEvents } from './events.js';
import { isRefused } from './generation.js';
import type { Hold } from './hold.js';
import { inner } from './inner.js';
import { trip } from './opening.js';
import { CallPermit, type Permit } from './permit.js';
import { readStats } from './read-stats.js';
import { countRefusal, refusalFor, refuse, refuseAgain, refuseIfOpen } from './refusing.js';
import { refusalReason, retryAfterMs } from './retry-after.js';
import { type CircuitState, publicState } from './state.js';
import { StateMachine } from './state-machine.js';
import type { CircuitBreakerStats } from './stats.js';
import { isThenable, refusePromise } from './thenable.js';
import { enterTimed } from './timed-calls.js';
import { TRIP_REASONS, type TripOptions } from './transition.js';

type AsyncFunction = (...args: never[]) => PromiseLike<unknown>;
type AnyFunction = (...args: never[]) => unknown;

/** Stops calling what keeps failing, and finds out with a few trial calls when it works again. */
export class CircuitBreaker implements Disposable {
  readonly name: string;
  readonly tags: readonly string[];
  readonly #engine: Engine;

  /**
   * @param wiring `publishTo` gets every event of this breaker too
   * @throws InvalidOptionError for an unknown or impossible option
   */
  constructor(
    options: CircuitBreakerOptions,
    wiring: { readonly publishTo?: EventSink<CircuitBreakerEvents> | undefined } = {},
  ) {
    const { name, tags, settings } = resolveOptions(options);
    this.name = name;
    this.tags = tags;
    refuseUnknown('wiring', wiring, ['publishTo']);
    const sink = readSink('wiring.publishTo', wiring.publishTo);
    const bulletin = new Bulletin(name, settings.onListenerError, sink);
    this.#engine = new Engine(new StateMachine(settings), bulletin);
  }

  /** The state now. Reading it makes the transition that is due, if one is. */
  get state(): CircuitState {
    this.#engine.advance();
    return publicState(this.#engine.machine.state);
  }

  get mode(): BreakerMode {
    return this.#engine.machine.settings.mode;
  }

  get isShutDown(): boolean {
    return this.#engine.machine.state.kind === 'shutDown';
  }

  /** Made when it is first read. */
  get events(): GuardedEmitter<CircuitBreakerEvents> {
    return this.#engine.events;
  }

  /** The holds that are not released. */
  get holds(): readonly Hold[] {
    return this.#engine.machine.holds;
  }

  /** Whether a call that is refused now may wait for a place instead: see `acquire`. */
  get mayWait(): boolean {
    return this.#engine.mayWait;
  }

  /**
   * Calls `operation` if the breaker lets it through, and ends as the operation does.
   *
   * Rejects with `BREAKER_OPEN` when no call is let through (`BREAKER_SHUT_DOWN` once that is final), and
   * with `ABORTED` as soon as `options.signal` is aborted, whether or not the operation heeds its signal:
   * such a call is `ignored`, and a signal already aborted takes no permit. Everything else the operation
   * threw or was rejected with comes through untouched.
   */
  execute<T>(operation: Operation<T>, options?: ExecuteOptions): Promise<T> {
    const engine = this.#engine;
    const { generation } = engine.machine;
    if (options !== undefined || typeof operation !== 'function') {
      return executeWithCare(engine, operation, options);
    }
    if (!generation.isOpenToAll) {
      if (isRefused(generation)) return refuseAgain(engine, generation);
      const timed = enterTimed(engine, generation);
      if (timed === undefined)
        return refuseIfOpen(engine, generation) ?? executeWithCare(engine, operation);
      return whenEnded(start(operation, CONTEXT), timed.fulfilled, timed.rejected) as Promise<T>;
    }
    const handlers = generation.handlers ?? engine.equip(generation);
    engine.started += 1;
    let running: Promise<T>;
    try {
      running = Promise.resolve(operation(CONTEXT));
    } catch (error) {
      running = Promise.reject(error);
    }
    return whenEnded(running, handlers.fulfilled, handlers.rejected) as Promise<T>;
  }

  /**
   * As `execute`, for an operation that gives no promise.
   * @throws BreakerOpenError, BreakerShutDownError, or what the operation throws
   */
  executeSync<T>(operation: () => T): T {
    checkCall(operation, undefined);
    const engine = this.#engine;
    const { generation } = engine.machine;
    if (!generation.isOpenToAll) return executeSyncWithCare(engine, operation);
    engine.started += 1;
    let value: T;
    try {
      value = operation();
    } catch (error) {
      engine.callRejected(generation, error);
      throw error;
    }
    if (isThenable(value)) {
      engine.callIgnored(generation);
      refusePromise(value);
    }
    engine.callFulfilled(generation, value);
    return value;
  }

  /** Gives `fn` with this breaker around each call: same `this`, same arguments, same overloads, and declared as `fn` is. */
  wrap<F extends AsyncFunction>(fn: F): F {
    checkCall(fn, undefined);
    const engine = this.#engine;
    // Apart, because what a closure holds is kept in memory for each call of the function it stands in.
    const executeSlowly = (self: unknown, args: never[]) =>
      this.execute(() => fn.apply(self, args));
    // Written out, as in `execute`: a closure for each call would double what the breaker costs.
    const wrapped = function (this: unknown, ...args: never[]): Promise<unknown> {
      const { generation } = engine.machine;
      if (!generation.isOpenToAll) return executeSlowly(this, args);
      const handlers = generation.handlers ?? engine.equip(generation);
      engine.started += 1;
      let running: Promise<unknown>;
      try {
        running = Promise.resolve(fn.apply(this, args));
      } catch (error) {
        running = Promise.reject(error);
      }
      return whenEnded(running, handlers.fulfilled, handlers.rejected);
    };
    return declaredAs(wrapped, fn) as unknown as F;
  }

  /** As `wrap`, for a function that gives no promise. */
  wrapSync<F extends AnyFunction>(fn: F): F {
    checkCall(fn, undefined);
    const execute = (operation: () => unknown) => this.executeSync(operation);
    const wrapped = function (this: unknown, ...args: never[]) {
      return execute(() => fn.apply(this, args));
    };
    return wrapped as unknown as F;
  }

  /**
   * The two-step form: ask, make the call, report. Returns undefined when no call is let through
   * (`openError()` says why). A permit must be given back, best by `using`.
   */
  tryAcquire(): Permit | undefined {
    const permit = this.#engine.enter();
    if (permit instanceof CallPermit) return permit;
    countRefusal(this.#engine, permit);
    return undefined;
  }

  /**
   * As `tryAcquire`, but waits for a trial's place where `halfOpen.maxWaiting` allows it. Rejects with
   * `BREAKER_OPEN` or `BREAKER_SHUT_DOWN` when there is none, and with `ABORTED` once the signal is aborted.
   */
  acquire(options: ExecuteOptions = {}): Promise<Permit> {
    try {
      refuseUnknown('', options, ['signal']);
      checkSignal(options.signal);
    } catch (error) {
      return Promise.reject(error);
    }
    const { signal } = options;
    try {
      if (signal?.aborted) throw abortedBy(signal);
    } catch (error) {
      return Promise.reject(error);
    }
    const permit = this.#engine.enter();
    if (permit instanceof CallPermit) return Promise.resolve(permit);
    return this.mayWait ? this.#engine.wait(signal) : refuse(this.#engine, permit);
  }

  /** What a call is rejected with while none is let through. */
  openError(): CircuitBreakerError {
    this.#engine.advance();
    return refusalFor(this.#engine, refusalReason(this.#engine.machine.state)).error;
  }

  /** Milliseconds until a call may be let through; 0 if one may be now. */
  retryAfterMs(): number {
    this.#engine.advance();
    return retryAfterMs(this.#engine.machine);
  }

  /** Takes a few microseconds, whatever the traffic. */
  stats(): CircuitBreakerStats {
    this.#engine.advance();
    return readStats(this.#engine);
  }

  /** Refuses every call until all such holds are released, or `reset()`. Then it is half-open. */
  holdOpen(hold: { readonly reason?: string | undefined } = {}): Hold {
    return takeHold(this.#engine, 'open', hold);
  }

  /** Lets every call through, whatever fails, until all such holds are released, or `holdOpen()` or `reset()`. */
  holdClosed(hold: { readonly reason?: string | undefined } = {}): Hold {
    return takeHold(this.#engine, 'closed', hold);
  }

  /**
   * Opens it now, as its rules would. Does nothing while it is held or disabled; in mode `shadow` only
   * `wouldOpen` is told.
   * @throws InvalidOptionError
   */
  trip(options: TripOptions = {}): void {
    refuseUnknown('', options, ['openForMs', 'reason']);
    const { openForMs, reason = 'byHand' } = options;
    readChoice('reason', reason, TRIP_REASONS);
    if (openForMs !== undefined) {
      readNumber('openForMs', openForMs, undefined, { min: 1, max: LONGEST_MS, unit: 'ms' });
    }
    this.#engine.change(() => trip(this.#engine.machine, reason, openForMs));
  }

  /** Closes, forgets all counted calls, drops all holds and works by its rules again. Calls still running will be late. */
  reset(): void {
    this.#engine.change(() => reset(this.#engine.machine));
  }

  /**
   * Changes options while it runs. The state stays, and so do the calls in the window, as far as the new
   * one has room for them. Groups such as `halfOpen` are changed one by one.
   * @throws InvalidOptionError for an unknown or impossible option; then nothing is changed
   */
  update(changes: ChangeableOptions): void {
    const settings = changeSettings(this.#engine.machine.settings, changes);
    this.#engine.change(() => this.#engine.machine.update(settings));
    this.#engine.bulletin.tell('updated', { changes });
  }

  /** Refuses all calls from now on, for good; calls that still run end as they do and count nowhere. */
  shutDown(): void {
    if (this.isShutDown) return;
    this.#engine.change(() => shutDown(this.#engine.machine));
    this.#engine.bulletin.tell('shutDown', {});
  }

  [Symbol.dispose](): void {
    this.shutDown();
  }

  /** @internal For the functions of this package that are no methods. */
  get [inner](): Engine {
    return this.#engine;
  }
}
