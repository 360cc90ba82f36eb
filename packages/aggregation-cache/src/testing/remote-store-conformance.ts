import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Binary, Long, Timestamp } from 'mongodb';
import type { Generation, RemoteStore } from '../ports/remote-store.js';

/** Two stores on the same server, as two processes have them. */
export interface RemoteStoreFixture {
  readonly one: RemoteStore;
  readonly other: RemoteStore;
  /** Lets time pass for the server. */
  readonly elapse: (ms: number) => Promise<void>;
  /** Makes the server lose everything, as an eviction or a flush does. */
  readonly wipe: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface ConformanceCheck {
  readonly name: string;
  /** Rejects with what is wrong. */
  readonly run: () => Promise<void>;
}

/** How long messages may take to come before a check gives up on them. */
const MESSAGES_WITHIN_MS = 5_000;

/**
 * What every remote store owes, as named checks for any test runner.
 * @example
 * for (const { name, run } of remoteStoreConformance(open)) it(name, run);
 */
export const remoteStoreConformance = (
  open: () => Promise<RemoteStoreFixture>,
): readonly ConformanceCheck[] =>
  Object.entries(CHECKS).map(([name, check]) => ({
    name,
    run: async () => {
      const fixture = await open();
      try {
        await check(fixture);
      } finally {
        await fixture.close();
      }
    },
  }));

const namespace = () => `shop.${randomUUID()}`;
const BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);
const TTL_MS = 60_000;

const TOKEN = {
  operationTime: new Timestamp({ t: 1_700_000_000, i: 7 }),
  clusterTime: {
    clusterTime: new Timestamp({ t: 1_700_000_000, i: 9 }),
    signature: {
      hash: new Binary(BYTES.slice(0, 20)),
      keyId: Long.fromString('7300000000000000001'),
    },
  },
};

/** Looks, stores under what was seen, and returns what was seen. */
const fill = async (
  store: RemoteStore,
  key: string,
  namespaces: readonly string[],
  ttlMs = TTL_MS,
): Promise<readonly Generation[]> => {
  const { generations } = await store.look(key, namespaces);
  assert.equal(await store.store({ key, bytes: BYTES, ttlMs, generations }), 'stored');
  return generations;
};

const CHECKS: Readonly<Record<string, (fixture: RemoteStoreFixture) => Promise<void>>> = {
  'gives back the very bytes, to another process too': async ({ one, other }) => {
    const key = randomUUID();
    const collection = namespace();
    await fill(one, key, [collection]);
    const { value } = await other.look(key, [collection]);
    assert.deepEqual(Uint8Array.from(value?.bytes ?? []), BYTES);
    assert.ok((value?.remainingMs ?? 0) > 0 && (value?.remainingMs ?? 0) <= TTL_MS);
  },

  'has nothing under an unknown key': async ({ one }) => {
    assert.equal((await one.look(randomUUID(), [namespace()])).value, undefined);
  },

  'keeps a value no longer than its time to live': async ({ one, elapse }) => {
    const key = randomUUID();
    const collection = namespace();
    await fill(one, key, [collection], 40);
    await elapse(80);
    assert.equal((await one.look(key, [collection])).value, undefined);
  },

  'names one generation for each collection, in the order asked': async ({ one, other }) => {
    const [a, b] = [namespace(), namespace()];
    const seen = await one.generations([a, b]);
    assert.deepEqual(
      seen.map((generation) => generation.namespace),
      [a, b],
    );
    const again = await other.look(randomUUID(), [b, a]);
    assert.deepEqual(again.generations, [...seen].reverse());
  },

  'moves a collection to a generation never seen before': async ({ one, other }) => {
    const collection = namespace();
    const ids = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const [moved] = await one.invalidate([{ namespace: collection }]);
      const [seen] = await other.generations([collection]);
      assert.equal(seen?.id, moved?.id);
      ids.add(seen?.id ?? '');
    }
    assert.equal(ids.size, 20);
  },

  'leaves other collections alone': async ({ one }) => {
    const [a, b] = [namespace(), namespace()];
    const [, before] = await one.generations([a, b]);
    await one.invalidate([{ namespace: a }]);
    const [, after] = await one.generations([a, b]);
    assert.deepEqual(after, before);
  },

  'refuses a value whose load began before an invalidation': async ({ one, other }) => {
    const key = randomUUID();
    const [a, b] = [namespace(), namespace()];
    const { generations } = await one.look(key, [a, b]);
    await other.invalidate([{ namespace: b }]);
    assert.equal(await one.store({ key, bytes: BYTES, ttlMs: TTL_MS, generations }), 'moved');
    assert.equal((await one.look(key, [a, b])).value, undefined);
  },

  'never accepts an old generation again after losing everything': async ({ one, wipe }) => {
    const key = randomUUID();
    const collection = namespace();
    const before = await fill(one, key, [collection]);
    await wipe();
    const { generations, value } = await one.look(key, [collection]);
    assert.equal(value, undefined);
    assert.notEqual(generations[0]?.id, before[0]?.id);
    const late = { key, bytes: BYTES, ttlMs: TTL_MS, generations: before };
    assert.equal(await one.store(late), 'moved');
  },

  'carries the time of the write, signature and all': async ({ one, other }) => {
    const collection = namespace();
    await one.invalidate([{ namespace: collection, after: TOKEN }]);
    const [seen] = await other.generations([collection]);
    assert.ok(seen?.after?.operationTime.equals(TOKEN.operationTime));
    const signature = seen?.after?.clusterTime?.signature;
    assert.equal(String(signature?.keyId), '7300000000000000001');
    assert.deepEqual(
      Uint8Array.from(signature?.hash.value() ?? []),
      Uint8Array.from(TOKEN.clusterTime.signature.hash.value()),
    );
  },

  'keeps the later of two times, and the time of an invalidation without one': async ({ one }) => {
    const collection = namespace();
    const earlier = { operationTime: new Timestamp({ t: 1_600_000_000, i: 99 }) };
    await one.invalidate([{ namespace: collection, after: TOKEN }]);
    await one.invalidate([{ namespace: collection, after: earlier }]);
    await one.invalidate([{ namespace: collection }]);
    const [seen] = await one.generations([collection]);
    assert.ok(seen?.after?.operationTime.equals(TOKEN.operationTime));
  },

  'tells every process of an invalidation': async ({ one, other }) => {
    const collection = namespace();
    const heard = [one, other].map((store) => listenTo(store, collection));
    const ids = await invalidateUntil(one, collection, () =>
      heard.every(({ generations }) => generations.length > 0),
    );
    for (const { generations, end } of heard) {
      end();
      const [generation] = generations;
      assert.ok(ids.has(generation?.id ?? ''));
      assert.ok(generation?.after?.operationTime.equals(TOKEN.operationTime));
    }
  },

  'tells nobody whose subscription has ended': async ({ one }) => {
    const collection = namespace();
    const left = listenTo(one, collection);
    const stayed = listenTo(one, collection);
    left.end();
    await invalidateUntil(one, collection, () => stayed.generations.length > 0);
    stayed.end();
    assert.equal(left.generations.length, 0);
  },

  'forgets a removed value': async ({ one, other }) => {
    const key = randomUUID();
    const collection = namespace();
    await fill(one, key, [collection]);
    await other.remove(key);
    assert.equal((await one.look(key, [collection])).value, undefined);
  },

  'keeps collections apart whatever characters their names have': async ({ one }) => {
    const names = ['shop.a', 'shop.a.b', 'shop.é漢', 'shop.{x}', 'shop.a b'].map(
      (name) => `${name}${randomUUID()}`,
    );
    await one.invalidate(names.map((name) => ({ namespace: name })));
    const seen = await one.generations(names);
    assert.deepEqual(
      seen.map((generation) => generation.namespace),
      names,
    );
  },
};

const listenTo = (
  store: RemoteStore,
  collection: string,
): { readonly generations: Generation[]; readonly end: () => void } => {
  const generations: Generation[] = [];
  const end = store.subscribe({
    moved: (moved) => {
      generations.push(...moved.filter((generation) => generation.namespace === collection));
    },
    stateChanged: () => {},
  });
  return { generations, end };
};

/** Invalidates again and again: a subscription may take a moment to begin. @returns the ids given */
const invalidateUntil = async (
  store: RemoteStore,
  collection: string,
  isHeard: () => boolean,
): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  const giveUpAt = performance.now() + MESSAGES_WITHIN_MS;
  while (!isHeard()) {
    assert.ok(performance.now() < giveUpAt, 'No message came.');
    const [moved] = await store.invalidate([{ namespace: collection, after: TOKEN }]);
    ids.add(moved?.id ?? '');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return ids;
};
