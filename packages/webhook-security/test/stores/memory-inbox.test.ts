import { describe, expect, it } from 'vitest';
import type { InboxStore } from '../../src/inbox/index.js';
import { createMemoryInboxStore } from '../../src/stores/memory/memory-inbox-store.js';
import { deliveryOf } from '../../src/testing/inbox-check.js';
import { inboxStoreConformance, ManualClock } from '../../src/testing/index.js';
import { methodsOf } from '../inbox/methods-of.js';

describe('the memory inbox store', () => {
  const checks = inboxStoreConformance(() => {
    const clock = new ManualClock();
    const passTime = async (ms: number) => clock.advance(ms);
    return { store: createMemoryInboxStore({ clock }), passTime };
  });
  it.each(checks)('conforms: $name', ({ run }) => expect(run()).resolves.toBeUndefined());

  /** Stores with one fault each, which the checks must find. */
  const faults: readonly [string, (store: InboxStore) => Partial<InboxStore>][] = [
    [
      'says that all is known',
      (store) => ({ add: (...args) => Promise.resolve(store.add(...args)).then(() => 'known') }),
    ],
    [
      'takes keys in lower case',
      (store) => ({ add: (key, of) => store.add(key.toLowerCase(), of) }),
    ],
    [
      'gives one too many',
      (store) => ({ take: (of) => store.take({ ...of, limit: of.limit + 1 }) }),
    ],
    ['leases for ever', (store) => ({ take: (of) => store.take({ ...of, leaseMs: 9e9 }) })],
    ['leases for no time', (store) => ({ take: (of) => store.take({ ...of, leaseMs: 0 }) })],
    ['renews nothing', () => ({ renew: async () => true })],
    ['completes nothing', () => ({ complete: async () => true })],
    [
      'keeps what is done for ever',
      (store) => ({ complete: (key, of) => store.complete(key, { ...of, keepMs: 9e9 }) }),
    ],
    [
      'retries at once',
      (store) => ({ retry: (key, of) => store.retry(key, { ...of, delayMs: 0 }) }),
    ],
    [
      'forgets the code of an error',
      (store) => ({
        bury: (key, { token, error }) => store.bury(key, { token, error: { name: error.name } }),
      }),
    ],
    [
      'has one page of dead letters',
      (store) => ({
        deadLetters: async (of) => ({ ...(await store.deadLetters(of)), next: undefined }),
      }),
    ],
    [
      'begins each page anew',
      (store) => ({ deadLetters: ({ limit }) => store.deadLetters({ limit }) }),
    ],
    ['replays nothing', () => ({ replay: async () => true })],
    ['counts nothing', () => ({ counts: async () => ({ due: 0, later: 0, dead: 0 }) })],
  ];
  it.each(faults)('checks find a store that %s', async (_what, spoil) => {
    const spoilt = inboxStoreConformance(() => {
      const clock = new ManualClock();
      const store = methodsOf(createMemoryInboxStore({ clock }));
      const passTime = async (ms: number) => clock.advance(ms);
      return { store: { ...store, ...spoil(store) }, passTime };
    });
    const results = await Promise.allSettled(spoilt.map(({ run }) => run()));
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
  });

  it('refuses to add when it is full, and forgets nothing for it', async () => {
    const clock = new ManualClock();
    const store = createMemoryInboxStore({ maxEntries: 2, clock });
    await store.add('a', deliveryOf('a'));
    await store.take({ token: 't', leaseMs: 1_000, limit: 1 });
    await store.complete('a', { token: 't', keepMs: 60_000 });
    await store.add('b', deliveryOf('b'));
    await expect(store.add('c', deliveryOf('c'))).rejects.toMatchObject({ code: 'STORE_FULL' });
    expect(await store.add('a', deliveryOf('a'))).toBe('known');
    expect(await store.add('b', deliveryOf('b'))).toBe('known');
    expect(store.size).toBe(2);
    clock.advance(60_000);
    expect(await store.add('c', deliveryOf('c'))).toBe('added');
    expect(store.size).toBe(2);
  });

  it.each([0, -1, 1.5, Number.NaN, 1_000_001])('refuses a bound of %s', (maxEntries) => {
    expect(() => createMemoryInboxStore({ maxEntries })).toThrow(/^maxEntries is /);
  });

  it('refuses what it does not know', async () => {
    expect(() => createMemoryInboxStore({ maxEntry: 3 } as never)).toThrow(/^maxEntry is unknown/);
    expect(() => createMemoryInboxStore({ clock: Date as never })).toThrow(/^clock is /);
    const store = createMemoryInboxStore();
    await expect(async () => store.deadLetters({ limit: 1, after: 'page 2' })).rejects.toThrow(
      /^after is a text of 6 characters; allowed: the next of a page before/,
    );
  });
});
