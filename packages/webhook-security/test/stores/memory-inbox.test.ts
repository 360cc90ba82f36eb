import { describe, expect, it } from 'vitest';
import { createMemoryInboxStore } from '../../src/stores/memory/memory-inbox-store.js';
import { deliveryOf } from '../../src/testing/inbox-check.js';
import { inboxStoreConformance, ManualClock } from '../../src/testing/index.js';

describe('the memory inbox store', () => {
  const checks = inboxStoreConformance(() => {
    const clock = new ManualClock();
    const passTime = async (ms: number) => clock.advance(ms);
    return { store: createMemoryInboxStore({ clock }), passTime };
  });
  it.each(checks)('conforms: $name', ({ run }) => expect(run()).resolves.toBeUndefined());

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
