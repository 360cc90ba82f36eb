import { askGuarded } from '../events/guard.js';
import { GuardedEmitter } from '../events/guarded-emitter.js';
import type { OnListenerError } from '../events/listener-failure.js';
import { NotRepeatableError } from '../policy/errors.js';
import type { Clock } from '../ports/clock.js';
import { systemClock } from '../ports/system-clock.js';
import {
  checkCall,
  checkSignal,
  LONGEST_MS,
  readFunction,
  readNumber,
  readPort,
  readText,
  refuseUnknown,
} from '../validation.js';
import { Call, type CallOptions } from './call.js';
import { guardLayer } from './guard-layer.js';
import type { Layer } from './layer.js';
import type { Operation, RepeatableOperation } from './operation.js';
import { OPERATION_LAYER } from './operation-layer.js';
import { declaredAs, idempotencyOf, type Repeatable } from './repeatable.js';
import { runCall } from './run-call.js';
import { TimeoutLayer } from './timeout-layer.js';

/** The field's name of each policy. */
export type PolicyKind =
  | 'breaker'
  | 'bulkhead'
  | 'cache'
  | 'coalesce'
  | 'fallback'
  | 'faultInjection'
  | 'hedge'
  | 'pipeline'
  | 'rateLimit'
  | 'retry'
  | 'timeout';

/** Options that every policy takes. */
export interface PolicyOptions {
  /** Default: the machine's clock. */
  readonly clock?: Clock | undefined;
  /** Told when a listener or a callback throws or rejects. Default: a process warning. */
  readonly onListenerError?: OnListenerError | undefined;
}

export const POLICY_OPTIONS = ['clock', 'onListenerError'] as const;

/** What a policy that may run an operation more than once asks of it. */
export type OperationFor<T, Repeats extends boolean> = true extends Repeats
  ? RepeatableOperation<T>
  : Operation<T>;

type AnyAsyncFunction = (...args: never[]) => PromiseLike<unknown>;

/** What `wrap` takes: a repeatable function where the policy may run it more than once. */
export type WrappableFor<F, Repeats extends boolean> = true extends Repeats ? F & Repeatable : F;

/** `F` itself, or, where the policy has results of its own, `F` with those among what it gives. */
export type Wrapped<F extends AnyAsyncFunction, Adds> = [Adds] extends [never]
  ? F
  : (
      this: ThisParameterType<F>,
      ...args: Parameters<OmitThisParameter<F>>
    ) => Promise<Awaited<ReturnType<F>> | Adds>;

const CALL_OPTIONS = ['signal', 'timeoutMs', 'priority', 'key'] as const;
const NO_OPTIONS: CallOptions = Object.freeze({});
const TIMEOUT_RANGE = { min: 0, above: true, max: LONGEST_MS, unit: 'ms' } as const;

/** Where the type of a policy keeps the results it adds, for pipelines to find. There is no such property. */
declare const adds: unique symbol;

/** The results that a policy adds; never for what is no policy. */
export type AddsOfPolicy<P> = P extends { readonly [adds]?: (() => infer Adds) | undefined }
  ? typeof adds extends keyof P
    ? Adds
    : never
  : never;

/**
 * Something around a call: alone (`execute`, `wrap`) or as a part of a pipeline. To write one of your
 * own, extend this and give it a `layer`.
 *
 * `Adds` are results of its own, such as a fallback's; `Repeats` says whether it may run an operation
 * more than once.
 */
export abstract class Policy<Adds = never, Repeats extends boolean = false, Events = unknown> {
  declare readonly [adds]?: (() => Adds) | undefined;
  abstract readonly kind: PolicyKind;
  /** Whether it may run an operation more than once, at run time. */
  abstract readonly repeats: Repeats;
  /** Whether it may call code of the user from a timer or a queue: then the caller's async context is kept. */
  abstract readonly runsLater: boolean;
  protected readonly clock: Clock;
  protected readonly onListenerError: OnListenerError | undefined;
  #events: GuardedEmitter<Events> | undefined;
  #layer: Layer | undefined;
  #limited: Layer | undefined;

  constructor(options: PolicyOptions) {
    this.clock = readPort('clock', options.clock, systemClock, ['now', 'wallTime', 'setTimer']);
    this.onListenerError = readFunction('onListenerError', options.onListenerError);
  }

  /**
   * What this policy does around `next`. Called once for each place the policy stands in. Neither this nor
   * the layer's `run` should throw; if they do, the call is rejected with what they throw.
   */
  abstract layer(next: Layer): Layer;

  /** Made when it is first read: a policy that nobody listens to tells nothing. */
  get events(): GuardedEmitter<Events> {
    this.#events ??= new GuardedEmitter<Events>({ onListenerError: this.onListenerError });
    return this.#events;
  }

  /** Whether someone listens to `event`; ask before building a payload. */
  protected isHeard(event: keyof Events & string): boolean {
    return this.#events?.hears(event) ?? false;
  }

  protected emit<E extends keyof Events & string>(event: E, payload: Events[E]): void {
    this.#events?.emit(event, payload);
  }

  /**
   * Calls `operation` under this policy. Rejects with `INVALID_OPTION` for what is no operation or an
   * unknown or impossible option, with `NOT_REPEATABLE` if the policy may repeat what may not be
   * repeated, with `ABORTED` as soon as `options.signal` is aborted, and with `TIMEOUT` after
   * `options.timeoutMs`.
   */
  execute<T>(
    operation: OperationFor<T, Repeats>,
    options: CallOptions = NO_OPTIONS,
  ): Promise<T | Adds> {
    try {
      if (options !== NO_OPTIONS) checkCallOptions(options);
      checkCall(operation, options.signal);
      if (this.repeats && idempotencyOf(operation) === undefined) {
        throw new NotRepeatableError({ policy: this.kind });
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#run<T>(operation, options);
  }

  /**
   * Gives `fn` with this policy around each call: same `this`, same arguments, same overloads, and declared
   * as `fn` is.
   * @param optionsOf gives the options of a call, such as its key, from its arguments. If it throws or gives
   *   impossible ones that is reported, and the call runs without options
   * @throws InvalidOptionError for what is no function
   * @throws NotRepeatableError if the policy may repeat what may not be repeated
   */
  wrap<F extends AnyAsyncFunction>(
    fn: WrappableFor<F, Repeats>,
    optionsOf?: (...args: Parameters<F>) => CallOptions,
  ): Wrapped<F, Adds> {
    checkCall(fn, undefined);
    readFunction('optionsOf', optionsOf);
    if (this.repeats && idempotencyOf(fn) === undefined) {
      throw new NotRepeatableError({ policy: this.kind });
    }
    const run = (operation: Operation<unknown>, args: never[]) =>
      this.#run(
        operation,
        optionsOf === undefined
          ? NO_OPTIONS
          : this.#optionsBy(() => optionsOf(...(args as unknown as Parameters<F>))),
      );
    const wrapped = function (this: unknown, ...args: never[]) {
      return run(() => (fn as AnyAsyncFunction).apply(this, args), args);
    };
    return declaredAs(wrapped, fn) as unknown as Wrapped<F, Adds>;
  }

  #optionsBy(ask: () => CallOptions): CallOptions {
    const what = { kind: 'callback', name: 'optionsOf', expected: 'options of a call' } as const;
    return askGuarded(ask, areCallOptions, what, this.onListenerError) ?? NO_OPTIONS;
  }

  #run<T>(operation: Operation<unknown>, options: CallOptions): Promise<T | Adds> {
    try {
      this.#layer ??= guardLayer(this.layer(OPERATION_LAYER));
    } catch (error) {
      return Promise.reject(error);
    }
    const isLimited = options.timeoutMs !== undefined;
    const call = new Call(operation, options, this.runsLater || isLimited);
    return runCall<T | Adds>(isLimited ? this.#limitedLayer() : this.#layer, call);
  }

  #limitedLayer(): Layer {
    this.#limited ??= new TimeoutLayer({
      next: this.#layer as Layer,
      clock: this.clock,
      limit: (call) => call.options.timeoutMs,
    });
    return this.#limited;
  }
}

const checkCallOptions = (options: CallOptions): void => {
  refuseUnknown('', options, CALL_OPTIONS);
  const { timeoutMs, priority, key } = options;
  if (timeoutMs !== undefined) readNumber('timeoutMs', timeoutMs, undefined, TIMEOUT_RANGE);
  if (priority !== undefined) {
    readNumber('priority', priority, undefined, { min: -1000, max: 1000, integer: true });
  }
  if (key !== undefined) readText('key', key);
};

/** False for a promise, which could be rejected. @throws InvalidOptionError for other options that are impossible */
const areCallOptions = (options: CallOptions): boolean => {
  if (typeof (options as Partial<Promise<unknown>> | null | undefined)?.then === 'function') {
    return false;
  }
  checkCallOptions(options);
  checkSignal(options.signal);
  return true;
};

/** What a pipeline needs of a policy. */
export type PolicyLike = Pick<Policy, 'kind' | 'runsLater' | 'layer'> & {
  readonly repeats: boolean;
};
