import { assertType, describe, expectTypeOf, it } from 'vitest';
import {
  type AnyCircuitBreakerError,
  type BreakerOpenError,
  type BreakerShutDownError,
  type BreakerSnapshot,
  type BulkheadFullError,
  CircuitBreaker,
  type CircuitBreakerError,
  type CircuitBreakerErrorCode,
  type CircuitBreakerEvents,
  CircuitBreakerRegistry,
  type CircuitBreakerStats,
  type CircuitState,
  type CloseReason,
  exportState,
  GuardedEmitter,
  type Hold,
  type HttpStatusError,
  type InvalidOptionError,
  importState,
  isCircuitBreakerError,
  type LatencyStats,
  type OpenReason,
  type Permit,
  type RateLimitedError,
  type RejectionReason,
  type TimeoutError,
} from '../src/index.js';

const breaker = new CircuitBreaker({ name: 'x' });

describe('execute', () => {
  it('gives back the operation’s own type', () => {
    expectTypeOf(breaker.execute(() => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(breaker.execute(() => Promise.resolve('a'))).toEqualTypeOf<Promise<string>>();
    expectTypeOf(breaker.execute(async () => {})).toEqualTypeOf<Promise<void>>();
    expectTypeOf(breaker.execute((): PromiseLike<bigint> => Promise.resolve(1n))).toEqualTypeOf<
      Promise<bigint>
    >();
    expectTypeOf(
      breaker.execute(() => {
        throw new Error('never');
      }),
    ).toEqualTypeOf<Promise<never>>();
  });

  it('hands the operation a context that cannot be changed', () => {
    void breaker.execute((context) => {
      expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(context.attempt).toEqualTypeOf<number>();
      expectTypeOf(context.remainingMs).toEqualTypeOf<number>();
      // @ts-expect-error read-only
      context.signal = AbortSignal.abort();
      // @ts-expect-error read-only
      context.attempt = 2;
    });
    void breaker.execute(() => 1, { signal: new AbortController().signal });
    void breaker.execute(() => 1, new AbortController());
    void breaker.execute(() => 1, { signal: undefined });
    // @ts-expect-error no such option
    void breaker.execute(() => 1, { timeoutMs: 5 });
    // @ts-expect-error an operation is a function
    void breaker.execute(Promise.resolve(1));
  });
});

describe('executeSync', () => {
  it('gives back the operation’s own type', () => {
    expectTypeOf(breaker.executeSync(() => 1)).toEqualTypeOf<number>();
    expectTypeOf(breaker.executeSync(() => {})).toEqualTypeOf<void>();
    // @ts-expect-error it is given nothing
    breaker.executeSync((context: { signal: AbortSignal }) => context);
  });
});

describe('wrapped functions', () => {
  it('keep their types: this, arguments, overloads and generics', () => {
    const plain = async (id: number, name?: string): Promise<string> => `${id}${name}`;
    expectTypeOf(breaker.wrap(plain)).toEqualTypeOf<typeof plain>();
    const generic = async <T>(value: T): Promise<T[]> => [value];
    expectTypeOf(breaker.wrap(generic)(5)).toEqualTypeOf<Promise<number[]>>();
    const bound = async function (this: { readonly base: number }, add: number) {
      return this.base + add;
    };
    expectTypeOf(breaker.wrap(bound)).toEqualTypeOf<typeof bound>();
    interface Overloaded {
      (key: string): Promise<string>;
      (key: number): Promise<number>;
    }
    const overloaded = breaker.wrap(plain as unknown as Overloaded);
    expectTypeOf(overloaded('a')).toEqualTypeOf<Promise<string>>();
    expectTypeOf(overloaded(1)).toEqualTypeOf<Promise<number>>();
    // @ts-expect-error it gives no promise
    breaker.wrap(() => 1);
    const sync = (id: number): string => `${id}`;
    expectTypeOf(breaker.wrapSync(sync)).toEqualTypeOf<typeof sync>();
  });
});

describe('a breaker', () => {
  it('has read-only parts', () => {
    expectTypeOf(breaker.state).toEqualTypeOf<CircuitState>();
    expectTypeOf(breaker.name).toBeString();
    expectTypeOf(breaker.tags).toEqualTypeOf<readonly string[]>();
    expectTypeOf(breaker.mode).toEqualTypeOf<'enforcing' | 'shadow' | 'disabled'>();
    expectTypeOf(breaker.isShutDown).toBeBoolean();
    expectTypeOf<CircuitState>().toEqualTypeOf<'closed' | 'open' | 'halfOpen'>();
    // @ts-expect-error read-only
    breaker.state = 'open';
    // @ts-expect-error read-only
    breaker.name = 'y';
    // @ts-expect-error read-only
    breaker.mode = 'shadow';
    expectTypeOf(breaker.retryAfterMs()).toBeNumber();
    expectTypeOf<CircuitBreaker>().toExtend<Disposable>();
  });

  it('has statistics that cannot be changed', () => {
    expectTypeOf(breaker.stats()).toEqualTypeOf<CircuitBreakerStats>();
    expectTypeOf(breaker.stats().window.failureRate).toBeNumber();
    expectTypeOf(breaker.stats().held).toEqualTypeOf<'open' | 'closed' | undefined>();
    expectTypeOf(breaker.stats().share).toEqualTypeOf<number | undefined>();
    expectTypeOf(breaker.stats().latency).toEqualTypeOf<LatencyStats | undefined>();
    // @ts-expect-error read-only
    breaker.stats().totals.failed = 0;
  });

  it('may give no permit, which is disposable', () => {
    expectTypeOf(breaker.tryAcquire()).toEqualTypeOf<Permit | undefined>();
    expectTypeOf(breaker.acquire()).toEqualTypeOf<Promise<Permit>>();
    expectTypeOf<Permit>().toExtend<Disposable>();
    // @ts-expect-error it may be undefined
    breaker.tryAcquire().success();
    breaker.tryAcquire()?.report({ status: 'rejected', error: 1 });
    // @ts-expect-error a rejection has an error
    breaker.tryAcquire()?.report({ status: 'rejected', value: 1 });
  });

  it('gives holds, with a reason in words', () => {
    expectTypeOf(breaker.holdOpen({ reason: 'x' })).toEqualTypeOf<Hold>();
    expectTypeOf(breaker.holdClosed()).toEqualTypeOf<Hold>();
    expectTypeOf(breaker.holds).toEqualTypeOf<readonly Hold[]>();
    expectTypeOf<Hold>().toExtend<Disposable>();
    // @ts-expect-error a reason is a text
    breaker.holdOpen({ reason: 5 });
    // @ts-expect-error gone
    void breaker.forceOpen;
  });

  it('is tripped by reasons there are', () => {
    breaker.trip({ openForMs: 5, reason: 'outlier' });
    expectTypeOf<'byHand' | 'retryAfter' | 'slowRate' | 'restored'>().toExtend<OpenReason>();
    expectTypeOf<'rampedUp' | 'reset' | 'byHand'>().toExtend<CloseReason>();
    // @ts-expect-error no such reason
    breaker.trip({ reason: 'because' });
  });

  it('is exported as plain data, and imports anything, for it checks', () => {
    expectTypeOf(exportState(breaker)).toEqualTypeOf<BreakerSnapshot>();
    expectTypeOf(importState).parameter(1).toBeUnknown();
  });
});

describe('events', () => {
  it('are typed by their name', () => {
    const unsubscribe = breaker.events.on('opened', (payload) => {
      expectTypeOf(payload).toEqualTypeOf<CircuitBreakerEvents['opened']>();
      expectTypeOf(payload.retryAfterMs).toBeNumber();
      expectTypeOf(payload.reason).toEqualTypeOf<OpenReason>();
    });
    expectTypeOf(unsubscribe).toEqualTypeOf<() => void>();
    breaker.events.once('rejected', ({ reason }) =>
      expectTypeOf(reason).toEqualTypeOf<RejectionReason>(),
    );
    breaker.events.on('failed', async ({ error }) => expectTypeOf(error).toBeUnknown());
    breaker.events.on('succeeded', ({ durationMs }) =>
      expectTypeOf(durationMs).toEqualTypeOf<number | undefined>(),
    );
    // @ts-expect-error no such event
    breaker.events.on('open', () => {});
    // @ts-expect-error no such field
    breaker.events.on('closed', ({ retryAfterMs }) => retryAfterMs);
  });

  it('all carry the breaker’s name', () => {
    expectTypeOf<CircuitBreakerEvents[keyof CircuitBreakerEvents]>().toExtend<{
      readonly breaker: string;
    }>();
    const { events } = new CircuitBreakerRegistry();
    events.on('opened', ({ breaker: name }) => expectTypeOf(name).toBeString());
  });

  it('of one’s own are checked when emitted', () => {
    const emitter = new GuardedEmitter<{ refused: { readonly reason: string } }>();
    emitter.emit('refused', { reason: 'stale' });
    // @ts-expect-error the payload lacks its reason
    emitter.emit('refused', {});
    // @ts-expect-error no such event
    emitter.emit('accepted', {});
    expectTypeOf(emitter.listenerCount('refused')).toBeNumber();
  });
});

describe('errors', () => {
  it('are a closed union, told apart by code', () => {
    expectTypeOf<CircuitBreakerErrorCode>().toEqualTypeOf<
      | 'ABORTED'
      | 'BREAKER_OPEN'
      | 'BREAKER_SHUT_DOWN'
      | 'BULKHEAD_FULL'
      | 'HTTP_STATUS'
      | 'INJECTED_FAULT'
      | 'INVALID_OPTION'
      | 'INVALID_SNAPSHOT'
      | 'NOT_REPEATABLE'
      | 'RATE_LIMITED'
      | 'TIMEOUT'
    >();
    expectTypeOf<AnyCircuitBreakerError>().toExtend<CircuitBreakerError>();
    expectTypeOf<AnyCircuitBreakerError['code']>().toEqualTypeOf<CircuitBreakerErrorCode>();
    const error: unknown = undefined;
    if (isCircuitBreakerError(error)) {
      expectTypeOf(error).toEqualTypeOf<AnyCircuitBreakerError>();
      if (error.code === 'BREAKER_OPEN') expectTypeOf(error).toEqualTypeOf<BreakerOpenError>();
      if (error.code === 'RATE_LIMITED') expectTypeOf(error).toEqualTypeOf<RateLimitedError>();
    }
    if (isCircuitBreakerError(error, 'TIMEOUT')) {
      expectTypeOf(error).toEqualTypeOf<TimeoutError>();
      expectTypeOf(error.timeoutMs).toBeNumber();
    }
    if (isCircuitBreakerError(error, 'HTTP_STATUS')) {
      expectTypeOf(error).toEqualTypeOf<HttpStatusError>();
      expectTypeOf(error.status).toBeNumber();
    }
    if (isCircuitBreakerError(error, 'INVALID_OPTION')) {
      expectTypeOf(error).toEqualTypeOf<InvalidOptionError>();
    }
    if (isCircuitBreakerError(error, 'BREAKER_SHUT_DOWN')) {
      expectTypeOf(error).toEqualTypeOf<BreakerShutDownError>();
    }
    if (isCircuitBreakerError(error, 'BULKHEAD_FULL')) {
      expectTypeOf(error).toEqualTypeOf<BulkheadFullError>();
    }
    // @ts-expect-error no such code
    isCircuitBreakerError(error, 'OPEN');
    assertType<RejectionReason>('rampingUp');
    // @ts-expect-error no such reason
    assertType<RejectionReason>('forced');
  });
});
