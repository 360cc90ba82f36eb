import type { Dispatcher, fetch as UndiciFetch } from 'undici';
import { describe, expectTypeOf, it } from 'vitest';
import { createFetch } from '../src/adapters/fetch/index.js';
import { circuitBreaker } from '../src/adapters/undici/index.js';
import { type BreakerGroup, retry, standardHttp } from '../src/index.js';

describe('createFetch()', () => {
  it('has the signature of the fetch it is given, and its breakers', () => {
    expectTypeOf(createFetch()).toExtend<typeof globalThis.fetch>();
    const ofUndici = createFetch({ fetch: null as unknown as typeof UndiciFetch });
    expectTypeOf(ofUndici).toExtend<typeof UndiciFetch>();
    expectTypeOf(ofUndici.breakers).toEqualTypeOf<BreakerGroup>();
    const own = createFetch({ fetch: async (path: string) => ({ status: 200, path }) });
    expectTypeOf(own('/')).toEqualTypeOf<Promise<{ status: number; path: string }>>();
    // @ts-expect-error: this fetch takes a text
    void own(5);
    // @ts-expect-error: what has no status is no answer
    createFetch({ fetch: async () => 'text' });
  });

  it('takes a policy, or what makes one for a key', () => {
    const guarded = createFetch({ policy: retry() });
    expectTypeOf(guarded).toExtend<typeof globalThis.fetch>();
    createFetch({ policy: ({ key }) => standardHttp({ name: key }) });
    // @ts-expect-error: no policy
    createFetch({ policy: { retry: 3 } });
    // @ts-expect-error: the name comes from the key
    createFetch({ breaker: { name: 'x' } });
  });
});

describe('circuitBreaker()', () => {
  it('is an interceptor', () => {
    expectTypeOf(circuitBreaker()).toExtend<Dispatcher.DispatcherComposeInterceptor>();
    circuitBreaker({
      classify: (end) => {
        if (end.statusCode === undefined) return end.error === null ? 'ignored' : undefined;
        expectTypeOf(end.statusCode).toEqualTypeOf<number>();
        return end.header('x-a') === 'b' ? { outcome: 'failure', weight: 2 } : undefined;
      },
    });
  });
});
