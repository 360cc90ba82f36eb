import type { Dispatcher } from 'undici';
import type { CircuitBreaker } from '../../breaker/circuit-breaker.js';
import type { Permit } from '../../breaker/permit.js';
import { isCircuitBreakerError } from '../../errors.js';
import { callGuarded } from '../../events/guard.js';
import type { BreakerGroup } from '../../registry/breaker-group.js';
import { refuseUnknown } from '../../validation.js';
import { HttpBreakers } from '../http/http-breakers.js';
import { HTTP_OPTIONS, type HttpAdapterOptions } from '../http/http-options.js';
import { BreakerHandler } from './breaker-handler.js';
import { originOf } from './origin-of.js';

type Dispatch = Dispatcher.Dispatch;
type Handler = Dispatcher.DispatchHandler;
type Options = Dispatcher.DispatchOptions;

/** Options of the interceptor. Unknown and impossible ones are refused when it is made. */
export type UndiciCircuitBreakerOptions = HttpAdapterOptions;

/** For `dispatcher.compose(…)`. */
export interface CircuitBreakerInterceptor {
  (dispatch: Dispatch): Dispatch;
  /** Its breakers by key, for events, statistics and holds. */
  readonly breakers: BreakerGroup;
}

/**
 * An interceptor that stops sending requests to an origin that keeps failing:
 * `new Agent().compose(circuitBreaker())`. Put it first, so that retries and redirects come from outside.
 *
 * A request that is not let through gives the breaker's error (`BREAKER_OPEN`, `BREAKER_SHUT_DOWN`) to the
 * handler's `onResponseError`, and nothing is sent. Everything else reaches the handler as undici tells it.
 * @throws InvalidOptionError for an unknown or impossible option
 */
export const circuitBreaker = (
  options: UndiciCircuitBreakerOptions = {},
): CircuitBreakerInterceptor => {
  refuseUnknown('', options, HTTP_OPTIONS);
  const breakers = new HttpBreakers(options, 'undici');
  const { onListenerError } = options;
  const intercept = (dispatch: Dispatch, bound?: string | null): Dispatch => {
    return (opts, handler) => {
      // Undici says best what is wrong with what is no request at all.
      if (!isObject(opts) || !isObject(handler)) return dispatch(opts, handler);
      refuseLegacy(handler);
      const method = String(opts.method).toUpperCase();
      const origin = originOf(opts, bound);
      const found = breakers.breakerFor({ origin, method, path: opts.path });
      if (found === undefined) return dispatch(opts, handler);
      const { breaker, key } = found;
      const request = { key, method };
      const guard = (permit: Permit) =>
        new BreakerHandler({ handler, permit, breakers, request, body: opts.body });
      if (breaker.mayWait) {
        const wait = () => sendLater({ breaker, dispatch, opts, handler, guard });
        // Whoever could catch what a handler throws is gone by then.
        callGuarded(wait, { kind: 'callback', name: 'handler' }, onListenerError);
        return true;
      }
      const permit = breaker.tryAcquire();
      if (permit !== undefined) return send(dispatch, opts, guard(permit));
      refuse(handler, breaker.openError());
      // What is refused keeps no connection busy.
      return true;
    };
  };
  return Object.assign(intercept, { breakers: breakers.group });
};

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** @throws TypeError for a handler in the form of undici 6 */
const refuseLegacy = (handler: Handler): void => {
  if (typeof handler.onRequestStart === 'function') return;
  throw new TypeError(
    'The handler has no onRequestStart. Put Dispatcher1Wrapper around dispatcher.compose(circuitBreaker()), not inside it.',
  );
};

/** As undici does for a request that never began. */
const refuse = (handler: Handler, error: unknown): void => {
  const none = null as unknown as Dispatcher.DispatchController;
  handler.onResponseError?.(none, error as Error);
};

const send = (dispatch: Dispatch, opts: Options, guard: BreakerHandler): boolean => {
  try {
    return dispatch(opts, guard);
  } catch (error) {
    guard.notTaken();
    throw error;
  }
};

interface Later {
  readonly breaker: CircuitBreaker;
  readonly dispatch: Dispatch;
  readonly opts: Options;
  readonly handler: Handler;
  readonly guard: (permit: Permit) => BreakerHandler;
}

/** Sends once a place for a trial is free, where callers may wait for one. Rejects with what the handler throws. */
const sendLater = async ({ breaker, dispatch, opts, handler, guard }: Later): Promise<void> => {
  const { signal } = opts as { readonly signal?: unknown };
  let guarded: BreakerHandler;
  try {
    const permit = await breaker.acquire(signal instanceof AbortSignal ? { signal } : {});
    guarded = guard(permit);
  } catch (error) {
    // Undici gives a caller who gave up the reason of the signal.
    const isAborted = isCircuitBreakerError(error, 'ABORTED');
    refuse(handler, isAborted ? (signal as AbortSignal).reason : error);
    return;
  }
  try {
    send(dispatch, opts, guarded);
  } catch (error) {
    if (guarded.isOver) throw error;
    refuse(handler, error);
  }
};
