import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Lease, RemoteStore } from '../../ports/remote-store.js';
import { BYTES, type ConformanceChecks, dependency, eventually, fill, TTL_MS } from './support.js';

const granted = async (store: RemoteStore, key: string, ttlMs = TTL_MS): Promise<Lease> => {
  const answer = await store.lease({ key, ttlMs });
  assert.ok(answer.granted, 'The lease was not granted.');
  return answer.lease;
};

const refused = async (store: RemoteStore, key: string): Promise<Uint8Array | undefined> => {
  const answer = await store.lease({ key, ttlMs: TTL_MS });
  assert.ok(!answer.granted, 'The lease was granted.');
  return answer.failure;
};

/** Listens, and waits until the other side is known to be heard. */
const hearsWakes = async (
  store: RemoteStore,
  from: RemoteStore,
): Promise<{ readonly woken: string[]; readonly end: () => void }> => {
  const woken: string[] = [];
  const end = store.subscribe({
    moved: () => {},
    woken: (key) => woken.push(key),
    stateChanged: () => {},
  });
  await eventually(async () => {
    const key = `try-${randomUUID()}`;
    const lease = await granted(from, key);
    await refused(store, key);
    await from.release(lease);
    return woken.length > 0;
  });
  return { woken, end };
};

/** Leases, what is done under them, and who is woken. */
export const LEASE_CHECKS: ConformanceChecks = {
  'gives a lease to one process at a time': async ({ one, other }) => {
    const key = randomUUID();
    const lease = await granted(one, key);
    assert.equal(lease.key, key);
    assert.equal(await refused(other, key), undefined);
    assert.equal(await refused(one, key), undefined);
    await one.release(lease);
    await granted(other, key);
  },

  'gives who comes later the greater fence': async ({ one, other }) => {
    const key = randomUUID();
    let last = -1;
    for (let round = 0; round < 10; round += 1) {
      const store = round % 2 === 0 ? one : other;
      const lease = await granted(store, key);
      assert.ok(Number.isSafeInteger(lease.fence) && lease.fence > last);
      last = lease.fence;
      await store.release(lease);
    }
  },

  'ends a lease that is not renewed, and keeps one that is': async ({ one, other, elapse }) => {
    const [left, kept] = [randomUUID(), randomUUID()];
    const lost = await granted(one, left, 60);
    const held = await granted(one, kept, 60);
    assert.equal(await one.renew(held, TTL_MS), true);
    await elapse(120);
    await granted(other, left);
    await refused(other, kept);
    assert.equal(await one.renew(lost, TTL_MS), false);
    assert.equal(await one.renew(held, TTL_MS), true);
  },

  'lets nobody end or renew the lease of another': async ({ one, other, elapse }) => {
    const key = randomUUID();
    const lost = await granted(one, key, 30);
    await elapse(60);
    const held = await granted(other, key);
    await one.release(lost, { bytes: BYTES, ttlMs: TTL_MS });
    assert.equal(await one.renew(lost, 1), false);
    assert.equal(await refused(one, key), undefined);
    assert.equal(await other.renew(held, TTL_MS), true);
  },

  'never gives an old fence again after losing everything': async ({ one, other, wipe }) => {
    const key = randomUUID();
    const lost = await granted(one, key);
    await wipe();
    const held = await granted(other, key);
    assert.ok(held.fence > lost.fence);
    assert.equal(await one.renew(lost, TTL_MS), false);
  },

  'stores under a lease that is held, and ends it': async ({ one, other }) => {
    const [key, right] = [randomUUID(), randomUUID()];
    const collection = dependency();
    const { generations } = await one.look(key, [collection]);
    const lease = await granted(one, right);
    const entry = { key, bytes: BYTES, ttlMs: TTL_MS, generations, lease };
    assert.equal(await one.store(entry), 'stored');
    assert.ok((await other.look(key, [collection])).value !== undefined);
    await granted(other, right);
    assert.equal(await one.store(entry), 'fenced');
  },

  'stores nothing under a lease that has gone to another': async ({ one, other, elapse }) => {
    const [key, right] = [randomUUID(), randomUUID()];
    const collection = dependency();
    const { generations } = await one.look(key, [collection]);
    const lost = await granted(one, right, 30);
    await elapse(60);
    await granted(other, right);
    const late = { key, bytes: BYTES, ttlMs: TTL_MS, generations, lease: lost };
    assert.equal(await one.store(late), 'fenced');
    assert.equal((await one.look(key, [collection])).value, undefined);
    await refused(one, right);
  },

  'ends the lease of what may not be stored any more': async ({ one, other }) => {
    const [key, right] = [randomUUID(), randomUUID()];
    const collection = dependency();
    const { generations } = await one.look(key, [collection]);
    const lease = await granted(one, right);
    await other.invalidate([{ dependency: collection }]);
    const entry = { key, bytes: BYTES, ttlMs: TTL_MS, generations, lease };
    assert.equal(await one.store(entry), 'moved');
    await granted(other, right);
  },

  'tells a failure to whoever asks soon, and then no more': async ({ one, other, elapse }) => {
    const key = randomUUID();
    const lease = await granted(one, key);
    // A busy machine may take its time between the two.
    await one.release(lease, { bytes: BYTES, ttlMs: 500 });
    assert.deepEqual(Uint8Array.from((await refused(other, key)) ?? []), BYTES);
    await elapse(600);
    await granted(other, key);
  },

  'wakes who waits when a lease ends, however it ends': async ({ one, other }) => {
    const heard = await hearsWakes(other, one);
    const collection = dependency();
    const ends: readonly ((lease: Lease) => Promise<unknown>)[] = [
      (lease) => one.release(lease),
      (lease) => one.release(lease, { bytes: BYTES, ttlMs: 50 }),
      async (lease) => {
        const { generations } = await one.look(lease.key, [collection]);
        await one.store({ key: lease.key, bytes: BYTES, ttlMs: TTL_MS, generations, lease });
      },
    ];
    for (const end of ends) {
      const key = randomUUID();
      const lease = await granted(one, key);
      await refused(other, key);
      await end(lease);
      await eventually(async () => heard.woken.includes(key));
    }
    heard.end();
  },

  'keeps progress for whoever holds the lease next': async ({ one, other }) => {
    const key = randomUUID();
    assert.equal(await one.progress(key), undefined);
    const first = await granted(one, key);
    assert.equal(await one.saveProgress(first, BYTES), true);
    await one.release(first);
    await granted(other, key);
    assert.deepEqual(Uint8Array.from((await other.progress(key)) ?? []), BYTES);
  },

  'takes no progress from who lost the lease': async ({ one, other, elapse }) => {
    const key = randomUUID();
    const lost = await granted(one, key, 30);
    assert.equal(await one.saveProgress(lost, BYTES.slice(0, 3)), true);
    await elapse(60);
    assert.equal(await one.saveProgress(lost, BYTES), false);
    const held = await granted(other, key);
    assert.equal(await one.saveProgress(lost, BYTES), false);
    assert.equal((await other.progress(key))?.length, 3);
    assert.equal(await other.saveProgress(held, BYTES), true);
  },

  'keeps leases, values and progress of one name apart': async ({ one }) => {
    const key = randomUUID();
    const collection = dependency();
    await fill(one, key, [collection]);
    const lease = await granted(one, key);
    await one.saveProgress(lease, BYTES.slice(0, 5));
    await one.remove(key);
    assert.equal(await one.renew(lease, TTL_MS), true);
    assert.equal((await one.progress(key))?.length, 5);
  },
};
