import { assertType, describe, expectTypeOf, it } from 'vitest';
import {
  type AdaptiveConcurrency,
  adaptive,
  type BulkheadEvents,
  type BulkheadOptions,
  bulkhead,
  type CacheEvents,
  type CacheOptions,
  type CallOptions,
  type CoalesceEvents,
  cache,
  coalesce,
  type LimitChangeReason,
  pipeline,
  type RateLimitEvents,
  type RateLimitOptions,
  rateLimit,
} from '../index.js';

const places = bulkhead({ maxConcurrent: 1 });
const limit = rateLimit({ limit: 1 });
const shared = coalesce();
const kept = cache({ ttlMs: 1 });

describe('bulkhead, rateLimit, coalesce and cache', () => {
  it('take any operation, and give back its own type', () => {
    expectTypeOf(places.execute(() => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(limit.execute(async () => 'a')).toEqualTypeOf<Promise<string>>();
    expectTypeOf(shared.execute(() => true, { key: 'a' })).toEqualTypeOf<Promise<boolean>>();
    expectTypeOf(kept.execute(() => 1n, { key: 'a' })).toEqualTypeOf<Promise<bigint>>();
    expectTypeOf<(typeof places)['repeats']>().toEqualTypeOf<false>();
    const all = pipeline([kept, shared, places, limit]);
    expectTypeOf(all.execute(() => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(all.repeats).toEqualTypeOf<false>();
  });

  it('leave a function as it is when they wrap it', () => {
    const fetchUser = async (id: number, deep?: boolean) => ({ id, deep });
    expectTypeOf(places.wrap(fetchUser)).toEqualTypeOf<typeof fetchUser>();
    // @ts-expect-error a function that gives no promise
    places.wrap((id: number) => id);
  });

  it('tell how things stand, read-only', () => {
    expectTypeOf([
      places.running,
      places.abandoned,
      places.queued,
      places.limit,
    ]).items.toBeNumber();
    expectTypeOf([limit.available, limit.queued, shared.running]).items.toBeNumber();
    expectTypeOf([kept.size, kept.running]).items.toBeNumber();
    expectTypeOf(kept.delete('a')).toBeBoolean();
    // @ts-expect-error read-only
    places.running = 5;
    // @ts-expect-error read-only
    kept.size = 5;
  });

  it('type their events', () => {
    places.events.on('limitChanged', ({ from, to, reason }) => {
      expectTypeOf([from, to]).items.toBeNumber();
      expectTypeOf(reason).toEqualTypeOf<LimitChangeReason>();
    });
    places.events.on('refused', ({ reason }) =>
      expectTypeOf(reason).toEqualTypeOf<'queueFull' | 'waitedTooLong' | 'displaced'>(),
    );
    expectTypeOf<keyof BulkheadEvents>().toEqualTypeOf<
      'queued' | 'admitted' | 'refused' | 'limitChanged'
    >();
    expectTypeOf<keyof RateLimitEvents>().toEqualTypeOf<'limited'>();
    expectTypeOf<keyof CoalesceEvents>().toEqualTypeOf<'joined'>();
    expectTypeOf<keyof CacheEvents>().toEqualTypeOf<'hit' | 'missed' | 'servedStale'>();
    // @ts-expect-error no such event
    limit.events.on('refused', () => {});
    // @ts-expect-error no such field
    kept.events.on('hit', ({ error }) => error);
  });
});

describe('options', () => {
  it('of a bulkhead need a limit, a number or an adaptive one', () => {
    assertType<BulkheadOptions>({ maxConcurrent: 5 });
    assertType<BulkheadOptions>({ maxConcurrent: adaptive({ max: 50 }), maxQueue: 5 });
    expectTypeOf(adaptive()).toEqualTypeOf<AdaptiveConcurrency>();
    // @ts-expect-error the limit is needed
    bulkhead({});
    // @ts-expect-error made by adaptive() only
    bulkhead({ maxConcurrent: { max: 50 } });
    // @ts-expect-error no such option
    bulkhead({ maxConcurrent: 5, queue: 5 });
    // @ts-expect-error not an outcome
    adaptive({ classify: () => true });
  });

  it('of a rate limit are told apart by kind', () => {
    assertType<RateLimitOptions>({ limit: 5, burst: 2 });
    assertType<RateLimitOptions>({ kind: 'tokenBucket', limit: 5, burst: 2 });
    assertType<RateLimitOptions>({ kind: 'slidingWindow', limit: 5 });
    // @ts-expect-error a sliding window has no burst
    rateLimit({ kind: 'slidingWindow', limit: 5, burst: 2 });
    // @ts-expect-error no such kind
    rateLimit({ kind: 'fixedWindow', limit: 5 });
    // @ts-expect-error the limit is needed
    rateLimit({ intervalMs: 5 });
  });

  it('of a cache need a time to live', () => {
    assertType<CacheOptions>({ ttlMs: 5, staleIfErrorMs: 5, maxEntries: 5 });
    // @ts-expect-error it is needed
    cache({});
    // @ts-expect-error it is needed
    cache();
  });

  it('of a call say its key and its priority', () => {
    assertType<CallOptions>({ key: 'a', priority: 5 });
    // @ts-expect-error a priority is a number
    void places.execute(() => 1, { priority: 'high' });
    // @ts-expect-error a key is a text
    void kept.execute(() => 1, { key: 5 });
  });
});
