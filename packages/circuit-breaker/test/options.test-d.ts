import { assertType, describe, expectTypeOf, it } from 'vitest';
import {
  type BackoffOptions,
  type ChangeableOptions,
  CircuitBreaker,
  type CircuitBreakerOptions,
  type Classification,
  type Clock,
  type OpenWait,
  type Outcome,
  retry,
  type Settled,
  safe,
  systemClock,
  systemRandom,
  type Verdict,
  type WindowOptions,
  withTimeout,
} from '../src/index.js';
import { ManualClock } from '../src/testing/index.js';

const breaker = new CircuitBreaker({ name: 'x' });

describe('options of a breaker', () => {
  it('are told apart by the kind of window', () => {
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'count', size: 5 } });
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'time', durationMs: 5 } });
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'ewma', halfLifeMs: 5 } });
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'consecutive' } });
    expectTypeOf<WindowOptions['kind']>().toEqualTypeOf<
      'count' | 'time' | 'ewma' | 'consecutive'
    >();
    // @ts-expect-error a count window has no duration
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'count', durationMs: 5 } });
    // @ts-expect-error a window of runs has nothing
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'consecutive', size: 5 } });
    // @ts-expect-error no such kind
    assertType<CircuitBreakerOptions>({ name: 'x', window: { kind: 'rolling' } });
    // @ts-expect-error the name is needed
    assertType<CircuitBreakerOptions>({ failureRate: 0.5 });
    // @ts-expect-error no such option
    assertType<CircuitBreakerOptions>({ name: 'x', timeout: 5 });
    // @ts-expect-error not a text
    assertType<CircuitBreakerOptions>({ name: 'x', openForMs: '30s' });
  });

  it('switch rules off by false, and are told apart by what they are', () => {
    assertType<CircuitBreakerOptions>({ name: 'x', failureRate: false, slowCalls: false });
    assertType<CircuitBreakerOptions>({ name: 'x', rampUp: {}, consecutiveFailures: 5 });
    // @ts-expect-error true is no rate
    assertType<CircuitBreakerOptions>({ name: 'x', failureRate: true });
    // @ts-expect-error the threshold is needed
    assertType<CircuitBreakerOptions>({ name: 'x', slowCalls: { rate: 0.5 } });
    // @ts-expect-error no such mode
    assertType<CircuitBreakerOptions>({ name: 'x', mode: 'off' });
    // @ts-expect-error no such part
    assertType<CircuitBreakerOptions>({ name: 'x', halfOpen: { trial: 1 } });
  });

  it('take a number, a backoff or a function for the wait', () => {
    expectTypeOf<number | BackoffOptions | OpenWait>().toExtend<
      NonNullable<CircuitBreakerOptions['openForMs']>
    >();
    assertType<CircuitBreakerOptions>({ name: 'x', openForMs: ({ attempt }) => attempt * 5 });
    // @ts-expect-error a promise is no wait
    assertType<CircuitBreakerOptions>({ name: 'x', openForMs: async () => 5 });
    // @ts-expect-error a decorrelated wait has its own jitter
    assertType<BackoffOptions>({ kind: 'decorrelated', jitter: 'full' });
  });

  it('let classify narrow by status, and answer with a classification only', () => {
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
    assertType<CircuitBreakerOptions>({
      name: 'x',
      classify: () => ({ outcome: 'failure', weight: 2, openForMs: 5 }),
    });
    // @ts-expect-error not an outcome
    assertType<CircuitBreakerOptions>({ name: 'x', classify: () => true });
    // @ts-expect-error not an outcome
    assertType<CircuitBreakerOptions>({ name: 'x', classify: async () => 'failure' as const });
    // @ts-expect-error the outcome is needed
    assertType<CircuitBreakerOptions>({ name: 'x', classify: () => ({ weight: 2 }) });
    expectTypeOf<Outcome>().toEqualTypeOf<'success' | 'failure' | 'ignored'>();
    expectTypeOf<Classification>().toEqualTypeOf<Outcome | Verdict>();
  });

  it('can be changed while it runs, but for what it is', () => {
    breaker.update({ failureRate: 0.3, halfOpen: { trials: 2 }, mode: 'shadow' });
    assertType<ChangeableOptions>({ window: { kind: 'ewma' } });
    // @ts-expect-error its name is fixed
    breaker.update({ name: 'y' });
    // @ts-expect-error its clock is fixed
    breaker.update({ clock: systemClock });
  });
});

describe('policies', () => {
  it('give back the operation’s own type', () => {
    expectTypeOf(withTimeout(() => 1, { timeoutMs: 5 })).toEqualTypeOf<Promise<number>>();
    expectTypeOf(retry().execute(safe(async () => 'a'))).toEqualTypeOf<Promise<string>>();
    void retry().execute(
      safe(({ attempt, signal }) => {
        expectTypeOf(attempt).toBeNumber();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      }),
    );
  });

  it('know their options', () => {
    // @ts-expect-error the limit is needed
    void withTimeout(() => 1, {});
    // @ts-expect-error the limit is needed
    void withTimeout(() => 1);
    retry({ backoff: { kind: 'constant', delayMs: 5 } });
    // @ts-expect-error a constant wait does not grow
    retry({ backoff: { kind: 'constant', factor: 5 } });
    expectTypeOf<Parameters<typeof withTimeout>[1]['timeoutMs']>().toBeNumber();
    retry({ delayFor: ({ delayMs }) => (delayMs > 5 ? delayMs : undefined) });
    // @ts-expect-error a wait is a number
    retry({ delayFor: () => 'soon' });
    // @ts-expect-error asynchronous decisions are not supported
    retry({ shouldRetry: async () => true });
    // @ts-expect-error what may not be repeated is not retried
    void retry().execute(() => 1);
  });

  it('nest without losing types', () => {
    const nested = retry().execute(
      safe(({ signal }) =>
        breaker.execute(
          (inner) => withTimeout(() => ({ id: 1 }), { timeoutMs: 5, signal: inner.signal }),
          { signal },
        ),
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
