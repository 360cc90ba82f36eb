import { expect } from 'vitest';
import type { InboxStore } from '../../src/inbox/index.js';
import { deliveryOf, failure } from '../../src/testing/inbox-check.js';

/** An entry under `a` that the store cannot read is named, refused by every operation, and holds up no other. */
export async function refusesUnreadableEntry(store: InboxStore, limit: number): Promise<void> {
  await store.add('b', deliveryOf('b'));
  const { entries, unreadable } = await store.take({ token: 't', leaseMs: 60_000, limit });
  expect(entries.map(({ key }) => key)).toEqual(['b']);
  expect(unreadable).toEqual(['a']);
  const unreadableError = { code: 'STORE_FORMAT' };
  const lease = { token: 't', leaseMs: 1, keepMs: 1, delayMs: 1, error: failure };
  await expect(store.add('a', deliveryOf('a'))).rejects.toMatchObject(unreadableError);
  await expect(store.renew('a', lease)).rejects.toMatchObject(unreadableError);
  await expect(store.complete('a', lease)).rejects.toMatchObject(unreadableError);
  await expect(store.retry('a', lease)).rejects.toMatchObject(unreadableError);
  await expect(store.bury('a', lease)).rejects.toMatchObject(unreadableError);
  await expect(store.replay('a')).rejects.toMatchObject(unreadableError);
  expect((await store.deadLetters({ limit: 5 })).entries).toEqual([]);
}
