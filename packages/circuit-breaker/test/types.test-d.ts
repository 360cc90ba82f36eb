import { assertType, describe, expectTypeOf, it } from 'vitest';
import {
  type AnyCircuitBreakerError,
  type BreakerOpenError,
  CircuitBreaker,
  type CircuitBreakerError,
  type CircuitBreakerErrorCode,
  type CircuitBreakerEvents,
  type CircuitBreakerOptions,
  CircuitBreakerRegistry,
  type CircuitState,
  type Clock,
  GuardedEmitter,
  type InvalidOptionError,
  isCircuitBreakerError,
  type Outcome,
  type Permit,
  type RejectionReason,
  retry,
  type Settled,
  systemClock,
  systemRandom,
  type TimeoutError,
  withTimeout,
} from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';

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

  it('hands the operation a signal that cannot be replaced', () => {
    void breaker.execute((context) => {
      expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      // @ts-expect-error read-only
      context.signal = AbortSignal.abort();
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

describe('a breaker', () => {
  it('has read-only parts', () => {
    expectTypeOf(breaker.state).toEqualTypeOf<CircuitState>();
    expectTypeOf(breaker.name).toBeString();
    expectTypeOf<CircuitState>().toEqualTypeOf<'closed' | 'open' | 'halfOpen'>();
    // @ts-expect-error read-only
    breaker.state = 'open';
    // @ts-expect-error read-only
    breaker.name = 'y';
    expectTypeOf(breaker.retryAfterMs()).toBeNumber();
    expectTypeOf(breaker.stats().window.failureRate).toBeNumber();
    // @ts-expect-error read-only
    breaker.stats().totals.failed = 0;
  });

  it('may give no permit, which is disposable', () => {
    expectTypeOf(breaker.tryAcquire()).toEqualTypeOf<Permit | undefined>();
    expectTypeOf<Permit>().toExtend<Disposable>();
    // @ts-expect-error it may be undefined
    breaker.tryAcquire().success();
  });
});

describe('options', () => {
  it('are told apart by the kind of window', () => {
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'count', size: 5 } });
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'time', durationMs: 5 } });
    // @ts-expect-error a count window has no duration
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'count', durationMs: 5 } });
    // @ts-expect-error no such kind
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'ewma' } });
    // @ts-expect-error the name is needed
    assertType<CircuitBreakerOptions>({ failureRate: 0.5 });
    // @ts-expect-error no such option
    assertType<CircuitBreakerOptions>({ name: 'x', timeout: 5 });
    // @ts-expect-error not a text
    assertType<CircuitBreakerOptions>({ name: 'x', openForMs: '30s' });
  });

  it('let classify narrow by status, and answer with an outcome only', () => {
    assertType<CircuitBreakerOptions>({
      name: 'x',
      classify: (settled) => {
        expectTypeOf(settled).toEqualTypeOf<Settled>();
        // @ts-expect-error only rejections have an error
        void settled.error;
        if (settled.status === 'fulfilled') expectTypeOf(settled.value).toBeUnknown();
        else expectTypeOf(settled.error).toBeUnknown();
        return 'ignored';
      },
    });
    // @ts-expect-error not an outcome
    assertType<CircuitBreakerOptions>({ name: 'x', classify: () => true });
    // @ts-expect-error not an outcome
    assertType<CircuitBreakerOptions>({ name: 'x', classify: async () => 'failure' as const });
    expectTypeOf<Outcome>().toEqualTypeOf<'success' | 'failure' | 'ignored'>();
  });
});

describe('events', () => {
  it('are typed by their name', () => {
    const unsubscribe = breaker.events.on('opened', (payload) => {
      expectTypeOf(payload).toEqualTypeOf<CircuitBreakerEvents['opened']>();
      expectTypeOf(payload.retryAfterMs).toBeNumber();
    });
    expectTypeOf(unsubscribe).toEqualTypeOf<() => void>();
    breaker.events.once('rejected', ({ reason }) =>
      expectTypeOf(reason).toEqualTypeOf<RejectionReason>(),
    );
    breaker.events.on('failed', async ({ error }) => expectTypeOf(error).toBeUnknown());
    // @ts-expect-error no such event
    breaker.events.on('open', () => {});
    // @ts-expect-error no such field
    breaker.events.on('closed', ({ retryAfterMs }) => retryAfterMs);
  });

  it('all carry the breaker’s name', () => {
    expectTypeOf<CircuitBreakerEvents[keyof CircuitBreakerEvents]>().toExtend<{
      readonly breaker: string;
    }>();
    expectTypeOf(new CircuitBreakerRegistry().events).toEqualTypeOf(breaker.events);
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
      'BREAKER_OPEN' | 'TIMEOUT' | 'INVALID_OPTION' | 'ABORTED'
    >();
    expectTypeOf<AnyCircuitBreakerError>().toExtend<CircuitBreakerError>();
    expectTypeOf<AnyCircuitBreakerError['code']>().toEqualTypeOf<CircuitBreakerErrorCode>();
    const error: unknown = undefined;
    if (isCircuitBreakerError(error)) {
      expectTypeOf(error).toEqualTypeOf<AnyCircuitBreakerError>();
      if (error.code === 'BREAKER_OPEN') expectTypeOf(error).toEqualTypeOf<BreakerOpenError>();
    }
    if (isCircuitBreakerError(error, 'TIMEOUT')) {
      expectTypeOf(error).toEqualTypeOf<TimeoutError>();
      expectTypeOf(error.timeoutMs).toBeNumber();
    }
    if (isCircuitBreakerError(error, 'INVALID_OPTION')) {
      expectTypeOf(error).toEqualTypeOf<InvalidOptionError>();
    }
    // @ts-expect-error no such code
    isCircuitBreakerError(error, 'OPEN');
  });
});

describe('policies', () => {
  it('give back the operation’s own type', () => {
    expectTypeOf(withTimeout(() => 1, { timeoutMs: 5 })).toEqualTypeOf<Promise<number>>();
    expectTypeOf(retry(async () => 'a')).toEqualTypeOf<Promise<string>>();
    void retry(({ attempt, signal }) => {
      expectTypeOf(attempt).toBeNumber();
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    });
  });

  it('know their options', () => {
    // @ts-expect-error the limit is needed
    void withTimeout(() => 1, {});
    // @ts-expect-error the limit is needed
    void withTimeout(() => 1);
    void retry(() => 1, { backoff: { kind: 'constant', delayMs: 5 } });
    // @ts-expect-error a constant wait does not grow
    void retry(() => 1, { backoff: { kind: 'constant', factor: 5 } });
    expectTypeOf<Parameters<typeof withTimeout>[1]['timeoutMs']>().toBeNumber();
    void retry(() => 1, { delayFor: ({ delayMs }) => (delayMs > 5 ? delayMs : undefined) });
    // @ts-expect-error a wait is a number
    void retry(() => 1, { delayFor: () => 'soon' });
    // @ts-expect-error asynchronous decisions are not supported
    void retry(() => 1, { shouldRetry: async () => true });
  });

  it('nest without losing types', () => {
    const nested = retry(({ signal }) =>
      breaker.execute(
        (inner) => withTimeout(() => ({ id: 1 }), { timeoutMs: 5, signal: inner.signal }),
        { signal },
      ),
    );
    expectTypeOf(nested).toEqualTypeOf<Promise<{ id: number }>>();
  });
});

describe('ports', () => {
  it('fit the system’s and the manual ones', () => {
    expectTypeOf(systemClock).toEqualTypeOf<Clock>();
    expectTypeOf(systemRandom).returns.toBeNumber();
    expectTypeOf<ManualClock>().toExtend<Clock>();
    assertType<CircuitBreakerOptions>({ name: 'x', clock: new ManualClock() });
    // @ts-expect-error a clock has timers too
    assertType<CircuitBreakerOptions>({ name: 'x', clock: { now: () => 1, wallTime: () => 1 } });
  });
});
