import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { assemble } from './assemble.js';
import { callListeners } from './call-listeners.js';
import { isOurError, type OpossumError } from './errors.js';
import { type CircuitBreakerEvents, EVENT_NAMES, type OpossumEventName } from './events.js';
import type { CircuitFallback } from './fallback.js';
import { fire } from './fire.js';
import { type HealthCheck, readCheck } from './health-check.js';
import { MemoryCache } from './memory-cache.js';
import { type CircuitOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { AnyFunction, Parts } from './parts.js';
import { Semaphore } from './semaphore.js';
import type { BreakerState } from './state.js';
import type { CircuitStats } from './stats.js';
import { CircuitStatus, type CircuitStatusOptions } from './status.js';
import type * as types from './types.js';

/** A circuit breaker with opossum's interface and semantics. */
export class CircuitBreaker<TI extends unknown[] = unknown[], TR = unknown> extends EventEmitter<
  CircuitBreakerEvents<TI, TR>
> {
  // `require()` gives this class alone; what else there is hangs on it.
  static readonly MemoryCache: typeof MemoryCache = MemoryCache;
  static readonly Semaphore: typeof Semaphore = Semaphore;
  static readonly Status: typeof CircuitStatus = CircuitStatus;

  readonly options: ResolvedOptions<TI>;
  readonly action: (...args: TI) => TR | PromiseLike<TR>;
  readonly semaphore: Semaphore;
  readonly status: CircuitStatus;
  readonly #parts: Parts;
  readonly #healthChecks = new Set<HealthCheck>();

  /** Whether an error is a circuit's own and not the action's. */
  static isOurError(error: unknown): error is OpossumError {
    return isOurError(error);
  }

  /** Counts for the option `status`, begun with `options.stats`. */
  static newStatus(options?: CircuitStatusOptions): CircuitStatus {
    return new CircuitStatus(options);
  }

  /**
   * @param action a function, or a value that each call gives
   * @throws TypeError without an action, or with an `abortController` that aborts nothing
   * @throws InvalidOptionError for an amount that is no number from 0
   */
  constructor(action: (...args: TI) => TR | PromiseLike<TR>, options?: CircuitOptions<TI>);
  constructor(action: TR, options?: CircuitOptions<TI>);
  constructor(action: unknown, options: CircuitOptions<TI> = {}) {
    super();
    if (action === undefined || action === null) {
      throw new TypeError('A circuit breaker needs an action: a function or a value.');
    }
    const run = typeof action === 'function' ? (action as AnyFunction) : () => action;
    const isNamed = typeof action === 'function' && action.name.trim() !== '';
    this.options = resolveOptions(options, options.name || (isNamed ? run.name : randomUUID()));
    this.action = run as typeof this.action;
    const parts = assemble(this.options as ResolvedOptions, run, (event, ...args) =>
      callListeners(this, event, args),
    );
    this.#parts = parts;
    this.semaphore = parts.semaphore;
    this.status = parts.status;
    if (options.maxFailures) {
      console.error(
        'options.maxFailures is deprecated. Please use options.errorThresholdPercentage',
      );
    }
    if (!this.enabled) this.status.stopRotating();
  }

  get name(): string {
    return this.options.name;
  }

  get group(): string {
    return this.options.group;
  }

  get closed(): boolean {
    return this.#parts.circuit.state === 'closed';
  }

  get opened(): boolean {
    return this.#parts.circuit.state === 'open';
  }

  get halfOpen(): boolean {
    return this.#parts.circuit.state === 'halfOpen';
  }

  /** Whether it is half-open and lets the next call through. */
  get pendingClose(): boolean {
    return this.#parts.circuit.pendingClose;
  }

  get isShutdown(): boolean {
    return this.#parts.circuit.isShutDown;
  }

  /** Whether calls are protected. */
  get enabled(): boolean {
    return this.#parts.isEnabled;
  }

  /** Whether failures do not open it yet. */
  get warmUp(): boolean {
    return this.#parts.circuit.warmUp;
  }

  get volumeThreshold(): number {
    return this.options.volumeThreshold;
  }

  /** What the window holds. */
  get stats(): CircuitStats {
    return this.status.stats;
  }

  /** Calls the action with itself as `this`. Rejects with what the action does, with an error of its own, or as the fallback does. */
  fire(...args: TI): Promise<TR> {
    return this.call(this.action, ...args);
  }

  /** As `fire`, with `context` as `this`. */
  call(context: unknown, ...args: TI): Promise<TR> {
    return fire(this.#parts, context, args) as Promise<TR>;
  }

  /** What is called when a call fails or is refused; its result is the caller's. */
  fallback<F>(fallback: CircuitFallback<TI, F>): CircuitBreaker<TI, TR | F> {
    if (typeof fallback === 'function') this.#parts.fallback = fallback as AnyFunction;
    else if (typeof fallback?.fire === 'function') {
      this.#parts.fallback = (...args) => fallback.fire(...args);
    } else throw new TypeError('The fallback must be a function or a circuit breaker');
    return this as unknown as CircuitBreaker<TI, TR | F>;
  }

  /** Opens it for `resetTimeout`; does nothing if it is open. */
  open(): void {
    this.#parts.circuit.open();
  }

  /** Closes it; does nothing if it is closed. */
  close(): void {
    this.#parts.circuit.close();
  }

  enable(): void {
    if (this.isShutdown) return;
    this.#parts.isEnabled = true;
    this.status.startRotating();
  }

  /** Calls go through unprotected and are not counted until `enable()`. */
  disable(): void {
    this.#parts.isEnabled = false;
    this.status.stopRotating();
  }

  /** Refuses all calls, for good, and takes off all listeners. */
  shutdown(): void {
    if (this.isShutdown) return;
    const { circuit, tell } = this.#parts;
    circuit.shutDown();
    this.disable();
    for (const check of this.#healthChecks) check.stop();
    this.#healthChecks.clear();
    this.clearCache();
    tell('shutdown');
    this.removeAllListeners();
    this.status.shutdown();
  }

  /** Forgets the results that are kept, and those that are shared. */
  clearCache(): void {
    const { results, coalescing } = this.#parts;
    results?.flush();
    coalescing?.cache.flush();
  }

  /**
   * Calls `check` now and every `interval` ms, with this circuit as `this`; opens it when that fails.
   * @param interval default 5,000
   * @throws TypeError
   */
  healthCheck(check: (this: this) => unknown, interval?: number): void {
    const healthCheck = readCheck(check, interval);
    if (this.isShutdown) return;
    this.#healthChecks.add(healthCheck);
    const { tell, circuit } = this.#parts;
    healthCheck.start(this, (error) => {
      tell('healthCheckFailed', error);
      circuit.open();
    });
  }

  getSignal(): AbortSignal | undefined {
    return this.#parts.aborting.controller?.signal;
  }

  getAbortController(): AbortController | undefined {
    return this.#parts.aborting.controller as AbortController | undefined;
  }

  /** State and counts, for the options `state` and `status` of another one. */
  toJSON(): { state: BreakerState; status: CircuitStats } {
    const { name, enabled, closed, opened: open, halfOpen, warmUp, isShutdown: shutdown } = this;
    const lastTimerAt = this.#parts.circuit.openedAt;
    return {
      state: { name, enabled, closed, open, halfOpen, warmUp, shutdown, lastTimerAt },
      status: this.stats,
    };
  }

  /** All events there are, heard or not: what collects metrics asks for them. */
  override eventNames(): (keyof CircuitBreakerEvents<TI, TR>)[] {
    return [...new Set([...EVENT_NAMES, ...super.eventNames()])] as OpossumEventName[];
  }
}

/** Types under the names that `@types/opossum` gives them: with `require()` there is no other way to them. */
export declare namespace CircuitBreaker {
  export type Bucket = types.CircuitBucket;
  export type CacheTransport = types.CircuitCache;
  export type Events<TI extends unknown[], TR> = types.CircuitBreakerEvents<TI, TR>;
  export type Options<TI extends unknown[] = unknown[]> = types.CircuitOptions<TI>;
  export type State = types.BreakerState;
  export type Stats = types.CircuitStats;
  export type Status = CircuitStatus;
  export type StatusOptions = types.CircuitStatusOptions;
  export type Window = types.CircuitBucket[];
}
