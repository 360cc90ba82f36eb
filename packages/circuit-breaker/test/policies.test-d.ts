import { assertType, describe, expectTypeOf, it } from 'vitest';
import {
  type AddsOf,
  CircuitBreaker,
  type Classification,
  classifyHttp,
  type FallbackEvents,
  type FallbackPolicy,
  type FallbackReason,
  type Fallen,
  type Fault,
  fallback,
  faultInjection,
  type GaveUpReason,
  type GuardedEmitter,
  type HedgeEvents,
  type HedgePolicy,
  type HttpStatusError,
  hedge,
  type Idempotency,
  idempotencyOf,
  idempotent,
  isTransient,
  type OperationContext,
  type Pipeline,
  type Policy,
  pipeline,
  type Random,
  type Repeatable,
  type RepeatableOperation,
  type RepeatsOf,
  type RetryBudget,
  type RetryEvents,
  retry,
  retryBudget,
  STANDARD_HTTP_DEFAULTS,
  type StandardHttp,
  safe,
  seededRandom,
  standardHedgedHttp,
  standardHttp,
  timeout,
  withTimeout,
} from '../src/index.js';

const breaker = new CircuitBreaker({ name: 'x' });
const limit = timeout({ timeoutMs: 5 });
const read = safe(async () => 1);

describe('an operation', () => {
  it('is given a context that cannot be changed', () => {
    void limit.execute((context) => {
      expectTypeOf(context).toEqualTypeOf<OperationContext>();
      expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(context.attempt).toEqualTypeOf<number>();
      expectTypeOf(context.remainingMs).toEqualTypeOf<number>();
      // @ts-expect-error read-only
      context.attempt = 2;
    });
  });

  it('keeps its result: a value, a promise, any thenable, nothing, or never', () => {
    expectTypeOf(limit.execute(() => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(limit.execute(async () => 'a')).toEqualTypeOf<Promise<string>>();
    expectTypeOf(limit.execute(async () => {})).toEqualTypeOf<Promise<void>>();
    expectTypeOf(limit.execute((): PromiseLike<bigint> => Promise.resolve(1n))).toEqualTypeOf<
      Promise<bigint>
    >();
    expectTypeOf(
      limit.execute(() => {
        throw new Error('never');
      }),
    ).toEqualTypeOf<Promise<never>>();
    expectTypeOf(withTimeout(() => ({ id: 1 }), { timeoutMs: 5 })).toEqualTypeOf<
      Promise<{ id: number }>
    >();
  });

  it('is declared as repeatable without losing its type', () => {
    const find = safe(async <T>(value: T) => value);
    expectTypeOf(find({ id: 1 })).toEqualTypeOf<Promise<{ id: number }>>();
    expectTypeOf(safe(() => 1)).toExtend<(() => number) & Repeatable>();
    expectTypeOf(idempotent(async (id: string) => id)).parameters.toEqualTypeOf<[string]>();
    expectTypeOf(read).toExtend<RepeatableOperation<number>>();
    expectTypeOf(() => 1).not.toExtend<RepeatableOperation<number>>();
    expectTypeOf(idempotencyOf(read)).toEqualTypeOf<Idempotency | undefined>();
    // @ts-expect-error no function
    safe(5);
  });
});

describe('calls', () => {
  it('take their own signal, limit, priority and key', () => {
    const { signal } = new AbortController();
    assertType<Promise<number>>(
      limit.execute(() => 1, { signal, timeoutMs: 5, priority: 1, key: 'k' }),
    );
    void limit.execute(() => 1, { signal: undefined, timeoutMs: undefined });
    // @ts-expect-error no such option
    void limit.execute(() => 1, { timeout: 5 });
    // @ts-expect-error a key is a text
    void limit.execute(() => 1, { key: 5 });
    // @ts-expect-error an operation is a function
    void limit.execute(Promise.resolve(1));
  });
});

describe('wrapped functions', () => {
  it('have their arguments given to what gives the options', () => {
    const find = async (id: number, _name?: string) => id;
    const wrapped = limit.wrap(find, (id, name) => {
      expectTypeOf(id).toEqualTypeOf<number>();
      expectTypeOf(name).toEqualTypeOf<string | undefined>();
      return { key: `${id}`, priority: 5 };
    });
    expectTypeOf(wrapped).toEqualTypeOf(find);
    retry().wrap(safe(find), (id) => {
      expectTypeOf(id).toEqualTypeOf<number>();
      return {};
    });
    fallback(() => null).wrap(
      async function (this: Date, days: number) {
        return this.getDate() + days;
      },
      (days) => ({ timeoutMs: days }),
    );
    // @ts-expect-error no such option
    limit.wrap(find, () => ({ timeout: 5 }));
    // @ts-expect-error a key is a text
    limit.wrap(find, (id) => ({ key: id }));
    // @ts-expect-error not at once
    limit.wrap(find, async () => ({ key: 'x' }));
    // @ts-expect-error not its arguments
    limit.wrap(find, (id: string) => ({ key: id }));
  });

  it('keep this, arguments, overloads and generics', () => {
    function overloaded(id: number): Promise<number>;
    function overloaded(name: string, deep?: boolean): Promise<string>;
    async function overloaded(value: number | string): Promise<number | string> {
      return value;
    }
    const wrapped = limit.wrap(overloaded);
    expectTypeOf(wrapped).toEqualTypeOf(overloaded);
    expectTypeOf(wrapped(1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(wrapped('a', true)).toEqualTypeOf<Promise<string>>();
    // @ts-expect-error no such overload
    void wrapped(true);

    const generic = limit.wrap(async <T>(value: T) => value);
    expectTypeOf(generic({ id: 1 })).toEqualTypeOf<Promise<{ id: number }>>();

    const method = limit.wrap(async function (this: Date, days: number) {
      return this.getTime() + days;
    });
    expectTypeOf(method).thisParameter.toEqualTypeOf<Date>();
    expectTypeOf(method).parameters.toEqualTypeOf<[number]>();
    // @ts-expect-error it needs its this
    void method(1);
  });

  it('give what the policy adds as well', () => {
    const wrapped = fallback(() => null).wrap(async (id: number) => `${id}`);
    expectTypeOf(wrapped).parameters.toEqualTypeOf<[number]>();
    expectTypeOf(wrapped(1)).toEqualTypeOf<Promise<string | null>>();
  });

  it('stay repeatable', () => {
    expectTypeOf(limit.wrap(read, () => ({ timeoutMs: 5 }))).toExtend<Repeatable>();
    expectTypeOf(limit.wrap(read)).toExtend<Repeatable>();
    expectTypeOf(breaker.wrap(read)).toExtend<Repeatable>();
    expectTypeOf(retry().wrap(breaker.wrap(read))()).toEqualTypeOf<Promise<number>>();
  });

  it('are functions that give a promise', () => {
    // @ts-expect-error no promise
    limit.wrap(() => 1);
    // @ts-expect-error no function
    limit.wrap('fetch');
    expectTypeOf(limit.wrap(async () => 1)).returns.toEqualTypeOf<Promise<number>>();
  });
});

describe('timeout', () => {
  it('has a limit, or what finds it', () => {
    timeout({ timeoutMs: ({ attempt }) => attempt * 100 });
    expectTypeOf(limit.timeoutMs).toEqualTypeOf<number | undefined>();
    // @ts-expect-error the limit is needed
    timeout({});
    // @ts-expect-error a time is a number
    timeout({ timeoutMs: () => '1s' });
    // @ts-expect-error asynchronous answers are not supported
    timeout({ timeoutMs: async () => 5 });
    limit.events.on('timedOut', ({ timeoutMs, attempt }) =>
      expectTypeOf([timeoutMs, attempt]).toEqualTypeOf<number[]>(),
    );
    // @ts-expect-error no such event
    limit.events.on('timeout', () => {});
  });
});

describe('retry', () => {
  it('knows its options', () => {
    retry({ backoff: { kind: 'decorrelated', initialMs: 5 }, budget: retryBudget() });
    // @ts-expect-error a constant wait does not grow
    retry({ backoff: { kind: 'constant', factor: 5 } });
    // @ts-expect-error asynchronous decisions are not supported
    retry({ shouldRetry: async () => true });
    // @ts-expect-error a wait is a number
    retry({ delayFor: () => 'soon' });
    // @ts-expect-error a budget is made by retryBudget()
    retry({ budget: { ratio: 0.2 } });
    expectTypeOf(retryBudget({ ratio: 0.1 })).toEqualTypeOf<RetryBudget>();
    expectTypeOf(isTransient).toEqualTypeOf<(error: unknown) => boolean>();
  });

  it('tells why it gave up', () => {
    expectTypeOf(retry().events).toEqualTypeOf<GuardedEmitter<RetryEvents>>();
    expectTypeOf<RetryEvents['gaveUp']['reason']>().toEqualTypeOf<GaveUpReason>();
    expectTypeOf<GaveUpReason>().toEqualTypeOf<
      'attempts' | 'notTransient' | 'delay' | 'deadline' | 'budget' | 'clock'
    >();
    expectTypeOf<RetryEvents['retried']['error']>().toBeUnknown();
  });
});

describe('fallback', () => {
  it('adds what its handlers answer with, each awaited', () => {
    expectTypeOf(fallback(() => 5)).toEqualTypeOf<FallbackPolicy<number>>();
    expectTypeOf(fallback(async () => 'a')).toEqualTypeOf<FallbackPolicy<string>>();
    expectTypeOf(
      fallback(
        async () => 'a',
        () => 5,
        () => undefined,
      ),
    ).toEqualTypeOf<FallbackPolicy<string | number | undefined>>();
    expectTypeOf(fallback(() => 5).execute(async () => 'a')).toEqualTypeOf<
      Promise<string | number>
    >();
  });

  it('adds nothing where a handler only gives another error', () => {
    const translate = fallback(({ error }) => {
      throw new Error('unavailable', { cause: error });
    });
    expectTypeOf(translate).toEqualTypeOf<FallbackPolicy<never>>();
    expectTypeOf(translate.execute(() => 1)).toEqualTypeOf<Promise<number>>();
  });

  it('tells its handlers what went wrong', () => {
    fallback((fallen) => {
      expectTypeOf(fallen).toEqualTypeOf<Fallen>();
      expectTypeOf(fallen.error).toBeUnknown();
      expectTypeOf(fallen.handlerError).toBeUnknown();
      expectTypeOf(fallen.signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(fallen.reason).toEqualTypeOf<FallbackReason>();
    });
    expectTypeOf<FallbackReason>().toEqualTypeOf<
      'open' | 'timeout' | 'bulkheadFull' | 'rateLimited' | 'aborted' | 'failure'
    >();
  });

  it('takes options', () => {
    const policy = fallback({
      handlers: [({ reason }) => reason, () => 5],
      shouldHandle: ({ reason, error }) => reason !== 'open' && error instanceof Error,
    });
    expectTypeOf(policy).toEqualTypeOf<FallbackPolicy<FallbackReason | number>>();
    expectTypeOf(policy.events).toEqualTypeOf<GuardedEmitter<FallbackEvents>>();
    // @ts-expect-error there is nothing to fall back on
    fallback();
    // @ts-expect-error there is nothing to fall back on
    fallback({ handlers: [] });
    // @ts-expect-error a handler is a function
    fallback('default');
    // @ts-expect-error no such reason
    fallback({ handlers: [() => 5], shouldHandle: ({ reason }) => reason === 'closed' });
  });
});

describe('hedge', () => {
  it('knows its options', () => {
    expectTypeOf(hedge({ delayMs: 100, maxHedges: 2 })).toEqualTypeOf<HedgePolicy>();
    hedge({ delayMs: { percentile: 0.99, minMs: 5, initialMs: 100 }, budget: retryBudget() });
    // @ts-expect-error a delay is a number, or what it follows from
    hedge({ delayMs: 'p95' });
    // @ts-expect-error no such option
    hedge({ delayMs: { p95: true } });
    expectTypeOf(hedge().delayMs).toEqualTypeOf<number>();
    expectTypeOf<HedgePolicy['repeats']>().toEqualTypeOf<true>();
  });

  it('tells its events', () => {
    expectTypeOf<keyof HedgeEvents>().toEqualTypeOf<'hedged' | 'withheld' | 'dropped' | 'won'>();
    hedge().events.on('won', ({ attempt, hedges }) =>
      expectTypeOf([attempt, hedges]).toEqualTypeOf<number[]>(),
    );
  });
});

describe('fault injection', () => {
  it('adds the results it may give, and nothing else', () => {
    const results = faultInjection({ rate: 1, fault: { kind: 'result', result: () => 5 } });
    expectTypeOf(results.execute(async () => 'a')).toEqualTypeOf<Promise<string | number>>();
    const later = faultInjection({ rate: 1, fault: { kind: 'result', result: async () => 5 } });
    expectTypeOf(later.execute(async () => 'a')).toEqualTypeOf<Promise<string | number>>();
    const errors = faultInjection({ rate: 1, fault: { kind: 'error' } });
    expectTypeOf(errors.execute(async () => 'a')).toEqualTypeOf<Promise<string>>();
  });

  it('knows its options', () => {
    faultInjection({ rate: 0.1, fault: { kind: 'latency', latencyMs: 5 }, enabled: () => true });
    // @ts-expect-error the rate is needed
    faultInjection({ fault: { kind: 'error' } });
    // @ts-expect-error the fault is needed
    faultInjection({ rate: 1 });
    // @ts-expect-error a latency has its milliseconds
    faultInjection({ rate: 1, fault: { kind: 'latency' } });
    // @ts-expect-error asynchronous answers are not supported
    faultInjection({ rate: 1, fault: { kind: 'error' }, enabled: async () => true });
    assertType<Fault>({ kind: 'error', error: () => new Error('x') });
    expectTypeOf<Fault['kind']>().toEqualTypeOf<'error' | 'latency' | 'result'>();
    expectTypeOf(seededRandom(1)).toEqualTypeOf<Random>();
  });
});

describe('pipelines', () => {
  it('add what their parts add, at any depth', () => {
    const deep = pipeline([fallback(() => 5), pipeline([fallback(() => null), breaker, limit])]);
    expectTypeOf(deep).toEqualTypeOf<Pipeline<number | null, false>>();
    expectTypeOf(deep.execute(() => 'a')).toEqualTypeOf<Promise<string | number | null>>();
    expectTypeOf(pipeline([breaker, limit])).toEqualTypeOf<Pipeline<never, false>>();
    expectTypeOf(pipeline([breaker, limit]).execute(() => 'a')).toEqualTypeOf<Promise<string>>();
  });

  it('repeat if one of their parts does, at any depth', () => {
    expectTypeOf(pipeline([retry(), breaker])).toEqualTypeOf<Pipeline<never, true>>();
    expectTypeOf(pipeline([limit, pipeline([hedge()])])).toEqualTypeOf<Pipeline<never, true>>();
    expectTypeOf<RepeatsOf<readonly [typeof breaker]>>().toEqualTypeOf<false>();
    expectTypeOf<AddsOf<readonly [typeof breaker]>>().toBeNever();
    expectTypeOf<AddsOf<readonly [FallbackPolicy<5>, FallbackPolicy<6>]>>().toEqualTypeOf<5 | 6>();
  });

  it('take policies and breakers', () => {
    // @ts-expect-error at least one order of the two
    pipeline([limit], { order: 'loose' });
    // @ts-expect-error no policy
    pipeline([limit, () => 1]);
    // @ts-expect-error a list
    pipeline(limit, breaker);
    const parts: readonly (Policy<number> | CircuitBreaker)[] = [breaker];
    expectTypeOf(pipeline(parts).execute(() => 'a')).toEqualTypeOf<Promise<string | number>>();
  });
});

describe('standard HTTP', () => {
  const http = standardHttp({ name: 'x' });

  it('keeps the type of the answer, whoever gives it', async () => {
    const answer = http.execute({ method: 'GET' }, ({ signal }) => fetch('https://x', { signal }));
    expectTypeOf(answer).toEqualTypeOf<Promise<Response>>();
    const { request } = await import('undici');
    expectTypeOf(
      http.execute({ method: 'POST' }, () => request('https://x')),
    ).resolves.toEqualTypeOf<Awaited<ReturnType<typeof request<null>>>>();
    const own = http.execute({ method: 'GET' }, () => ({ status: 200, data: 5 }));
    expectTypeOf(own).toEqualTypeOf<Promise<{ status: number; data: number }>>();
    // @ts-expect-error no status
    void http.execute({ method: 'GET' }, () => 'text');
    // @ts-expect-error no method
    void http.execute({}, () => fetch('https://x'));
  });

  it('knows its options', () => {
    expectTypeOf(http).toEqualTypeOf<StandardHttp>();
    standardHttp({ name: 'x', breaker, budget: false, retry: { maxAttempts: 2 } });
    standardHedgedHttp({ name: 'x', hedge: { delayMs: 5 } });
    // @ts-expect-error the name is needed
    standardHttp({});
    // @ts-expect-error only the hedged one hedges
    standardHttp({ name: 'x', hedge: {} });
    // @ts-expect-error the budget stands outside, for retries and hedges share it
    standardHttp({ name: 'x', retry: { budget: retryBudget() } });
    expectTypeOf(STANDARD_HTTP_DEFAULTS.maxAttempts).toEqualTypeOf<3>();
  });

  it('says what answers count as', () => {
    expectTypeOf(classifyHttp).returns.toEqualTypeOf<Classification>();
    expectTypeOf<HttpStatusError['status']>().toBeNumber();
    expectTypeOf(http.hedge).toEqualTypeOf<HedgePolicy | undefined>();
  });
});

/** True for `any` alone. */
type IsAny<T> = 0 extends 1 & T ? true : false;

describe('any', () => {
  it('is nowhere in what policies give', () => {
    expectTypeOf<IsAny<Awaited<ReturnType<typeof limit.execute>>>>().toEqualTypeOf<false>();
    expectTypeOf<IsAny<Parameters<typeof limit.execute>[0]>>().toEqualTypeOf<false>();
    expectTypeOf<IsAny<Fallen[keyof Fallen]>>().toEqualTypeOf<false>();
    expectTypeOf<IsAny<FallbackEvents['fellBack']['error']>>().toEqualTypeOf<false>();
    expectTypeOf<IsAny<HedgeEvents['dropped']['error']>>().toEqualTypeOf<false>();
    expectTypeOf<IsAny<RetryEvents['gaveUp']['error']>>().toEqualTypeOf<false>();
    expectTypeOf<IsAny<HttpStatusError['answer']>>().toEqualTypeOf<false>();
    const mixed = pipeline([fallback(() => 5), retry(), breaker, limit]).execute(read);
    expectTypeOf<IsAny<Awaited<typeof mixed>>>().toEqualTypeOf<false>();
    expectTypeOf(mixed).toEqualTypeOf<Promise<number>>();
  });
});
