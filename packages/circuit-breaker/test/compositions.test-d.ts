import { assertType, describe, it } from 'vitest';
import {
  bulkhead,
  CircuitBreaker,
  fallback,
  faultInjection,
  guarded,
  hedge,
  idempotent,
  type Policy,
  pipeline,
  rateLimit,
  retry,
  safe,
  standardHedgedHttp,
  standardHttp,
  timeout,
} from '../src/index.js';

/** Nothing that may change something twice compiles, and nothing that is safe needs more than it says. */

const breaker = new CircuitBreaker({ name: 'x' });
const limit = timeout({ timeoutMs: 5 });
const places = bulkhead({ maxConcurrent: 5 });
const rate = rateLimit({ limit: 5 });
const chaos = faultInjection({ rate: 0.1, fault: { kind: 'error' } });
const http = standardHttp({ name: 'x' });
const hedged = standardHedgedHttp({ name: 'x' });
const send = async () => ({ status: 201 });
const read = safe(async () => ({ status: 200 }));
const put = idempotent(async () => ({ status: 204 }));

describe('25 unsafe compositions', () => {
  it('do not compile alone', () => {
    // @ts-expect-error 1: nobody said that it may be sent twice
    assertType<unknown>(retry().execute(send));
    // @ts-expect-error 2
    assertType<unknown>(hedge().execute(send));
    // @ts-expect-error 3
    assertType<unknown>(retry().execute(async () => ({ status: 201 })));
    // @ts-expect-error 4: one attempt too is a promise that may be broken by a change of a number
    assertType<unknown>(retry({ maxAttempts: 1 }).execute(send));
    // @ts-expect-error 5
    assertType<unknown>(retry().wrap(send));
    // @ts-expect-error 6
    assertType<unknown>(hedge().wrap(async (id: number) => id));
  });

  it('do not compile in a pipeline', () => {
    // @ts-expect-error 7
    assertType<unknown>(pipeline([retry()]).execute(send));
    // @ts-expect-error 8
    assertType<unknown>(pipeline([limit, retry(), breaker]).execute(send));
    // @ts-expect-error 9: the last part counts as the first
    assertType<unknown>(pipeline([limit, places, rate, hedge()]).execute(send));
    // @ts-expect-error 10
    assertType<unknown>(pipeline([retry(), hedge(), breaker, limit]).execute(send));
    // @ts-expect-error 11
    assertType<unknown>(pipeline([fallback(() => undefined), retry()]).wrap(send));
    // @ts-expect-error 12
    assertType<unknown>(pipeline([retry(), chaos]).execute(send));
    // @ts-expect-error 13: the order is not judged, what may be repeated is
    assertType<unknown>(pipeline([breaker, retry()], { order: 'unchecked' }).execute(send));
  });

  it('do not compile at any depth', () => {
    // @ts-expect-error 14
    assertType<unknown>(pipeline([limit, pipeline([retry()])]).execute(send));
    // @ts-expect-error 15
    assertType<unknown>(pipeline([pipeline([pipeline([pipeline([hedge()])])])]).execute(send));
    // @ts-expect-error 16
    assertType<unknown>(pipeline([fallback(() => undefined), http]).execute(send));
    const repeating = pipeline([retry(), breaker]);
    // @ts-expect-error 17
    assertType<unknown>(pipeline([limit, repeating]).wrap(send));
    const either: Policy<never, boolean> = retry();
    // @ts-expect-error 18: one that may or may not repeat is taken for one that does
    assertType<unknown>(either.execute(send));
  });

  it('do not compile by way of wrapping', () => {
    // @ts-expect-error 19: a time limit makes nothing repeatable
    assertType<unknown>(retry().execute(limit.wrap(send)));
    // @ts-expect-error 20: nor does a breaker
    assertType<unknown>(retry().execute(breaker.wrap(send)));
    // @ts-expect-error 21: a function around a safe one is another function
    assertType<unknown>(retry().execute(() => read()));
    // @ts-expect-error 22
    assertType<unknown>(retry().execute(send.bind(undefined)));
  });

  it('do not compile over HTTP', () => {
    // @ts-expect-error 23: without a request nobody knows what it does
    assertType<unknown>(http.execute(send));
    // @ts-expect-error 24
    assertType<unknown>(hedged.wrap(send));
  });

  it('do not compile as a decorator', () => {
    class Orders {
      // @ts-expect-error 25
      @guarded(pipeline([limit, retry()]))
      async send(): Promise<{ status: number }> {
        return send();
      }
    }
    assertType<unknown>(Orders);
  });
});

describe('25 safe compositions', () => {
  it('compile alone', () => {
    assertType<unknown>(retry().execute(read)); // 1
    assertType<unknown>(hedge().execute(put)); // 2
    assertType<unknown>(retry().execute(safe(() => 1))); // 3
    assertType<unknown>(retry().wrap(read)()); // 4
    assertType<unknown>(limit.execute(send)); // 5
    assertType<unknown>(fallback(() => undefined).execute(send)); // 6
    assertType<unknown>(chaos.execute(send)); // 7
  });

  it('compile in a pipeline', () => {
    assertType<unknown>(pipeline([limit, breaker]).execute(send)); // 8
    assertType<unknown>(pipeline([limit, places, rate, breaker, chaos]).execute(send)); // 9
    assertType<unknown>(
      pipeline([fallback(() => undefined), limit, retry(), breaker]).execute(read),
    ); // 10
    assertType<unknown>(pipeline([retry(), hedge(), breaker, limit]).execute(put)); // 11
    assertType<unknown>(pipeline([breaker, limit]).wrap(send)()); // 12
    assertType<unknown>(pipeline([breaker, retry()], { order: 'unchecked' }).execute(read)); // 13
  });

  it('compile at any depth', () => {
    assertType<unknown>(pipeline([limit, pipeline([breaker, pipeline([places])])]).execute(send)); // 14
    assertType<unknown>(pipeline([limit, pipeline([retry()])]).execute(read)); // 15
    assertType<unknown>(pipeline([fallback(() => undefined), http]).execute(read)); // 16
    const either: Policy<never, boolean> = limit;
    assertType<unknown>(either.execute(read)); // 17
  });

  it('compile by way of wrapping', () => {
    assertType<unknown>(retry().execute(limit.wrap(read))); // 18
    assertType<unknown>(hedge().execute(breaker.wrap(put))); // 19
    assertType<unknown>(retry().wrap(breaker.wrap(limit.wrap(safe(async (id: number) => id))))(1)); // 20
  });

  it('compile over HTTP', () => {
    assertType<unknown>(http.execute({ method: 'POST' }, send)); // 21
    assertType<unknown>(http.execute({ method: 'GET' }, async () => ({ status: 200 }))); // 22
    assertType<unknown>(hedged.execute({ method: 'POST' }, put, { timeoutMs: 5 })); // 23
    assertType<unknown>(http.wrap(read)()); // 24
  });

  it('compile as a decorator', () => {
    class Orders {
      @guarded(pipeline([limit, retry()]), 'safe') // 25
      async read(): Promise<{ status: number }> {
        return read();
      }
    }
    assertType<unknown>(Orders);
  });
});
