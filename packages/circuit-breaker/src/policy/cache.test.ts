import { describe, expect, it } from 'vitest';
import { deferred, flush } from '../../test/support/deferred.js';
import { recordPolicyEvents } from '../../test/support/record-policy-events.js';
import {
  type CacheOptions,
  type CallOptions,
  cache,
  InvalidOptionError,
  type OperationContext,
  pipeline,
  timeout,
} from '../index.js';
import { ManualClock } from '../testing/index.js';

const EVENTS = ['hit', 'missed', 'servedStale'] as const;
const down = new Error('down');

const setup = (options: Partial<CacheOptions> = {}) => {
  const clock = new ManualClock();
  const policy = cache({ ttlMs: 1000, clock, ...options });
  const runs: (ReturnType<typeof deferred<unknown>> & { readonly context: OperationContext })[] =
    [];
  const call = (key: string | undefined = 'a', options: CallOptions = {}) => {
    const operation = (context: OperationContext) => {
      const run = { ...deferred(), context };
      runs.push(run);
      return run.promise;
    };
    const answer = policy.execute(operation, { ...options, key });
    answer.catch(() => {});
    return answer;
  };
  /** A call that ends at once. */
  const get = (key: string, value: unknown) => policy.execute(() => value, { key });
  const fail = (key: string) => policy.execute(() => Promise.reject(down), { key });
  return { clock, policy, runs, call, get, fail };
};

describe('a cache', () => {
  it('gives out the same object for ttlMs, and asks again after that', async () => {
    const { clock, get } = setup();
    const first = { rate: 1 };
    clock.advance(5000);
    expect(await get('a', first)).toBe(first);
    clock.advance(999);
    expect(await get('a', { rate: 2 })).toBe(first);
    clock.advance(1);
    expect(await get('a', { rate: 3 })).toEqual({ rate: 3 });
  });

  it('keeps each result for ttlMs of its own', async () => {
    const { clock, get } = setup();
    await get('a', 1);
    clock.advance(5000);
    await get('b', 1);
    clock.advance(999);
    expect([await get('a', 2), await get('b', 2)]).toEqual([2, 1]);
    clock.advance(1);
    expect(await get('b', 3)).toBe(3);
  });

  it('keeps whatever a call gives, be it nothing', async () => {
    const { get } = setup();
    expect(await get('a', undefined)).toBe(undefined);
    expect(await get('a', 5)).toBe(undefined);
  });

  it('keeps results by key, and none without one', async () => {
    const { policy, get } = setup();
    expect([await get('a', 1), await get('b', 2)]).toEqual([1, 2]);
    expect([await policy.execute(() => 3), await policy.execute(() => 4)]).toEqual([3, 4]);
    expect(policy.size).toBe(2);
  });

  it('does not keep failures', async () => {
    const { policy, get, fail } = setup();
    await expect(fail('a')).rejects.toBe(down);
    expect(policy.size).toBe(0);
    expect(await get('a', 1)).toBe(1);
  });

  it('lets calls that miss at once share one run', async () => {
    const { policy, runs, call } = setup();
    const answers = [call(), call()];
    expect([runs.length, policy.running]).toEqual([1, 1]);
    runs[0]?.resolve({ rate: 1 });
    const [one, other] = await Promise.all(answers);
    expect(one).toBe(other);
    expect([await call(), policy.running]).toEqual([one, 0]);
  });

  it('keeps as many as it may, and drops what was not used for the longest time', async () => {
    const { policy, get } = setup({ maxEntries: 2 });
    await get('a', 1);
    await get('b', 1);
    await get('a', 2);
    await get('c', 1);
    expect(policy.size).toBe(2);
    expect([await get('a', 3), await get('c', 3), await get('b', 3)]).toEqual([1, 1, 3]);
  });

  it('forgets what it is told to', async () => {
    const { policy, get } = setup();
    for (const key of ['a', 'b', 'c']) await get(key, 1);
    expect([policy.delete('a'), policy.delete('a')]).toEqual([true, false]);
    expect([await get('a', 2), await get('b', 2)]).toEqual([2, 1]);
    policy.clear();
    expect([policy.size, await get('b', 3)]).toEqual([0, 3]);
  });

  it.each([
    ['delete', (policy: ReturnType<typeof cache>) => void policy.delete('a')],
    ['clear', (policy: ReturnType<typeof cache>) => policy.clear()],
  ])('does not keep what began before a %s, nor lets later calls join it', async (_how, forget) => {
    const { policy, runs, call } = setup();
    const old = call();
    forget(policy);
    const fresh = call();
    expect(runs).toHaveLength(2);
    runs[0]?.resolve('old');
    await expect(old).resolves.toBe('old');
    const joined = call();
    expect(runs).toHaveLength(2);
    runs[1]?.resolve('new');
    await expect(Promise.all([fresh, joined])).resolves.toEqual(['new', 'new']);
    await expect(call()).resolves.toBe('new');
  });

  it.each([
    ['delete', (policy: ReturnType<typeof cache>) => void policy.delete('a')],
    ['clear', (policy: ReturnType<typeof cache>) => policy.clear()],
  ])('keeps what is newer than a %s, though an older call ends after it', async (_how, forget) => {
    const { policy, runs, call } = setup();
    const old = call();
    forget(policy);
    const fresh = call();
    runs[1]?.resolve('new');
    await expect(fresh).resolves.toBe('new');
    runs[0]?.resolve('old');
    await expect(old).resolves.toBe('old');
    await expect(call()).resolves.toBe('new');
  });

  it('does not keep what comes from an operation that all have given up', async () => {
    const { policy, runs, call } = setup();
    const controller = new AbortController();
    const answer = call('a', { signal: controller.signal });
    const signal = runs[0]?.context.signal;
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' });
    expect(signal?.aborted).toBe(true);
    runs[0]?.resolve('half of it');
    await flush();
    expect(policy.size).toBe(0);
  });

  it('keeps what comes for one caller when another has given up', async () => {
    const { runs, call, get } = setup();
    const controller = new AbortController();
    const first = call('a', { signal: controller.signal });
    const second = call();
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' });
    runs[0]?.resolve(1);
    await expect(second).resolves.toBe(1);
    expect(await get('a', 2)).toBe(1);
  });
});

describe('a cache with staleIfErrorMs', () => {
  const stale = { ttlMs: 1000, staleIfErrorMs: 5000 };

  it('gives out an older result where a call fails, and tries again each time', async () => {
    const { clock, get, fail } = setup(stale);
    const kept = { rate: 1 };
    await get('a', kept);
    clock.advance(5999);
    expect(await fail('a')).toBe(kept);
    expect(await fail('a')).toBe(kept);
    expect(await get('a', 2)).toBe(2);
  });

  it('gives out the error once the result is too old, and drops it', async () => {
    const { clock, policy, get, fail } = setup(stale);
    await get('a', 1);
    clock.advance(6000);
    await expect(fail('a')).rejects.toBe(down);
    expect(policy.size).toBe(0);
  });

  it('does so for all that share the call, and for a time limit further in', async () => {
    const { clock, policy, get } = setup(stale);
    await get('a', 1);
    clock.advance(2000);
    const limited = pipeline([policy, timeout({ timeoutMs: 100, clock })]);
    const hangs = () => new Promise<number>(() => {});
    const answers = [limited.execute(hangs, { key: 'a' }), limited.execute(hangs, { key: 'a' })];
    await clock.advanceAsync(100);
    expect(await Promise.all(answers)).toEqual([1, 1]);
  });

  it('does not do so for a caller who gave up', async () => {
    const { clock, get, call } = setup(stale);
    await get('a', 1);
    clock.advance(2000);
    const late = call('a', { timeoutMs: 100 });
    clock.advance(100);
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  it('tells of none when all have given up before it fails', async () => {
    const { clock, policy, get, call, runs } = setup(stale);
    const heard = recordPolicyEvents(policy.events, ['servedStale']);
    await get('a', 1);
    clock.advance(2000);
    const controller = new AbortController();
    const answer = call('a', { signal: controller.signal });
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' });
    runs[0]?.reject(down);
    await flush();
    expect(heard).toEqual([]);
  });

  it('never gives out what was forgotten', async () => {
    const { clock, policy, get, call, runs } = setup(stale);
    await get('a', 1);
    clock.advance(2000);
    const answer = call();
    policy.delete('a');
    runs[0]?.reject(down);
    await expect(answer).rejects.toBe(down);
  });
});

describe('a cache tells', () => {
  it('of hits, misses and older results', async () => {
    const { clock, policy, call, runs, get, fail } = setup({ staleIfErrorMs: 5000 });
    const heard = recordPolicyEvents(policy.events, EVENTS);
    const both = [call(), call()];
    runs[0]?.resolve(1);
    await Promise.all(both);
    clock.advance(400);
    await get('a', 2);
    clock.advance(600);
    await fail('a');
    await policy.execute(() => 1);
    expect(heard).toEqual([
      ['missed', { key: 'a', joined: false }],
      ['missed', { key: 'a', joined: true }],
      ['hit', { key: 'a', ageMs: 400 }],
      ['missed', { key: 'a', joined: false }],
      ['servedStale', { key: 'a', ageMs: 1000, error: down }],
    ]);
  });

  it('without harm from a listener that gives the call up', async () => {
    const { policy, runs, call } = setup();
    const controller = new AbortController();
    policy.events.on('missed', () => controller.abort());
    const answer = call('a', { signal: controller.signal });
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' });
    expect([runs.length, policy.running]).toEqual([0, 0]);
  });
});

describe('the options of a cache', () => {
  it.each([
    [{}, 'ttlMs'],
    [{ ttlMs: 0 }, 'ttlMs'],
    [{ ttlMs: 1, staleIfErrorMs: -1 }, 'staleIfErrorMs'],
    [{ ttlMs: 1, maxEntries: 0 }, 'maxEntries'],
    [{ ttlMs: 1, maxEntries: 1.5 }, 'maxEntries'],
    [{ ttlMs: 1, max: 1 }, 'max'],
  ])('%j are refused because of %s', (options, option) => {
    expect(() => cache(options as CacheOptions)).toThrow(InvalidOptionError);
    expect(() => cache(options as CacheOptions)).toThrow(`Option '${option}'`);
  });

  it.each([
    [{ ttlMs: 0 }, 'a number above 0 to 2592000000 (ms)'],
    [{ ttlMs: 1, staleIfErrorMs: -1 }, 'a number from 0 to 2592000000 (ms)'],
    [{ ttlMs: 1, maxEntries: 0 }, 'a whole number from 1 to 1000000 (entries)'],
  ])('%j are refused with what is allowed: %s', (options, allowed) => {
    expect(() => cache(options as CacheOptions)).toThrow(`must be ${allowed}; it is`);
  });
});
