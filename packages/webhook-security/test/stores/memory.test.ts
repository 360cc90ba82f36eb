import { describe, expect, it } from 'vitest';
import { createMemoryReplayStore, type ReplayStore } from '../../src/index.js';
import { ManualClock, replayStoreConformance } from '../../src/testing/index.js';

describe('the memory replay store', () => {
  const checks = replayStoreConformance(() => {
    const clock = new ManualClock();
    const passTime = async (ms: number) => clock.advance(ms);
    return { store: createMemoryReplayStore({ clock }), passTime };
  });
  it.each(checks)('conforms: $name', ({ run }) => expect(run()).resolves.toBeUndefined());

  /** Stores with one fault each, which the checks must find. */
  const faults: readonly [string, (store: ReplayStore) => ReplayStore][] = [
    [
      'takes upper and lower case for the same',
      (store) => withKeys(store, (key) => key.toLowerCase()),
    ],
    ['drops a blank at the end', (store) => withKeys(store, (key) => key.trimEnd())],
    ['cuts keys at 499 characters', (store) => withKeys(store, (key) => key.slice(0, 499))],
    ['normalises keys', (store) => withKeys(store, (key) => key.normalize())],
    ['ends keys at a zero', (store) => withKeys(store, (key) => key.split('\0')[0] ?? '')],
    [
      'leaves a renewed claim its first end',
      (store) => {
        const claimed = new Set<string>();
        return {
          confirm: (key, options) => store.confirm(key, options),
          release: (key, options) => store.release(key, options),
          claim: async (key, options) => {
            const own = `${key} ${options.token}`;
            if (claimed.has(own)) {
              const held = await store.claim(key, { claimMs: 1, token: 'probe' });
              return held === 'claimedElsewhere' ? 'claimed' : held;
            }
            claimed.add(own);
            return store.claim(key, options);
          },
        };
      },
    ],
  ];

  it.each(faults)('checks find a store that %s', async (_what, spoil) => {
    const spoilt = replayStoreConformance(() => {
      const clock = new ManualClock();
      const passTime = async (ms: number) => clock.advance(ms);
      return { store: spoil(createMemoryReplayStore({ clock })), passTime };
    });
    const results = await Promise.allSettled(spoilt.map(({ run }) => run()));
    const found = spoilt.filter((_check, index) => results[index]?.status === 'rejected');
    expect(found.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^keys that differ in one character|^a claim made again by its own/),
    ]);
  });

  function withKeys(store: ReplayStore, change: (key: string) => string): ReplayStore {
    return {
      claim: (key, options) => store.claim(change(key), options),
      confirm: (key, options) => store.confirm(change(key), options),
      release: (key, options) => store.release(change(key), options),
    };
  }

  const claim = (store: ReturnType<typeof createMemoryReplayStore>, name: string) =>
    store.claim(name, { claimMs: 10_000, token: name });

  it('refuses claims when it is full, and never forgets a live delivery for them', () => {
    const store = createMemoryReplayStore({ maxEntries: 2, clock: new ManualClock() });
    claim(store, 'a');
    store.confirm('a', { keepMs: 60_000 });
    claim(store, 'b');
    expect(() => claim(store, 'c')).toThrow(
      expect.objectContaining({
        code: 'STORE_FULL',
        message: 'the store holds 2 live deliveries',
      }),
    );
    expect(store.claim('a', { claimMs: 1, token: 'x' })).toBe('confirmed');
    expect(claim(store, 'b')).toBe('claimed');
  });

  it('has room again once deliveries run out, whatever stands before them', () => {
    const clock = new ManualClock();
    const store = createMemoryReplayStore({ maxEntries: 20, clock });
    for (let index = 0; index < 19; index += 1) {
      store.confirm(`kept ${index}`, { keepMs: 3_600_000 });
    }
    claim(store, 'short');
    expect(() => claim(store, 'more')).toThrow(expect.objectContaining({ code: 'STORE_FULL' }));
    clock.advance(10_000);
    expect(claim(store, 'more')).toBe('claimed');
    expect(store.size).toBe(20);
  });

  it('finds the room that is there, wherever it stopped looking before', () => {
    for (let maxEntries = 1; maxEntries <= 64; maxEntries += 1) {
      const clock = new ManualClock();
      const store = createMemoryReplayStore({ maxEntries, clock });
      store.claim('short', { claimMs: 10, token: 'a' });
      for (let index = 1; index < maxEntries; index += 1) claim(store, `long ${index}`);
      clock.advance(10);
      expect(claim(store, 'more')).toBe('claimed');
      expect(store.size).toBe(maxEntries);
    }
  });

  it('takes again what has run out, however full it is of what has not', () => {
    const clock = new ManualClock();
    const store = createMemoryReplayStore({ maxEntries: 1_000, clock });
    for (let index = 0; index < 999; index += 1) {
      store.confirm(`kept ${index}`, { keepMs: 3_600_000 });
    }
    claim(store, 'short');
    clock.advance(10_000);
    expect(claim(store, 'short')).toBe('claimed');
    expect(store.size).toBe(1_000);
  });

  it('renews a claim where it is over its bound', () => {
    const store = createMemoryReplayStore({ maxEntries: 1, clock: new ManualClock() });
    claim(store, 'a');
    store.confirm('b', { keepMs: 60_000 });
    expect(claim(store, 'a')).toBe('claimed');
    expect(store.size).toBe(2);
  });

  it('looks at two deliveries for each claim, and at few more where it is full', () => {
    const clock = new ManualClock();
    const store = createMemoryReplayStore({ maxEntries: 1_000, clock });
    for (let index = 0; index < 1_000; index += 1) store.confirm(`${index}`, { keepMs: 10 });
    clock.advance(10);
    claim(store, 'a');
    expect(store.size).toBe(1_000 - 2 + 1);
    store.confirm('b', { keepMs: 60_000 });
    store.confirm('c', { keepMs: 60_000 });
    store.confirm('d', { keepMs: 60_000 });
    expect(store.size).toBe(1_002);
    claim(store, 'e');
    expect(store.size).toBe(1_002 - 2 - 256 + 1);
  });

  it('gives no answer of a delivery that has run out to a later one', () => {
    const clock = new ManualClock();
    const store = createMemoryReplayStore({ clock });
    store.confirm('a', { keepMs: 10, answer: 'the first' });
    clock.advance(10);
    store.confirm('a', { keepMs: 10 });
    expect(claim(store, 'a')).toBe('confirmed');
  });

  it('drops what ran out as it goes', () => {
    const clock = new ManualClock();
    const store = createMemoryReplayStore({ clock });
    for (let index = 0; index < 1_000; index += 1) {
      claim(store, `delivery ${index}`);
      clock.advance(1_000);
    }
    expect(store.size).toBeLessThan(20);
  });

  it.each([0, -1, 1.5, Number.NaN, 10_000_001])('refuses a bound of %s', (maxEntries) => {
    expect(() => createMemoryReplayStore({ maxEntries })).toThrow(/^maxEntries is /);
  });

  it('refuses what it does not know', () => {
    expect(() => createMemoryReplayStore({ maxEntry: 3 } as never)).toThrow(
      /^maxEntry is unknown; allowed: max/,
    );
    expect(() => createMemoryReplayStore({ clock: Date as never })).toThrow(/^clock is /);
  });
});
