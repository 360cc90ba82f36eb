import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Binary, Long, Timestamp } from 'mongodb';
import type { Generation, Position, RemoteStore } from '../../ports/remote-store.js';
import type { RemoteStoreFixture } from '../remote-store-conformance.js';

export type ConformanceChecks = Readonly<
  Record<string, (fixture: RemoteStoreFixture) => Promise<void>>
>;

/** How long messages may take to come before a check gives up on them. */
const MESSAGES_WITHIN_MS = 5_000;

export const dependency = () => `shop.${randomUUID()}`;
export const BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);
export const TTL_MS = 60_000;

export const TOKEN = {
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
export const fill = async (
  store: RemoteStore,
  key: string,
  dependencies: readonly string[],
  ttlMs = TTL_MS,
): Promise<readonly Generation[]> => {
  const { generations } = await store.look(key, dependencies);
  assert.equal(await store.store({ key, bytes: BYTES, ttlMs, generations }), 'stored');
  return generations;
};

export const listenTo = (
  store: RemoteStore,
  collection: string,
): {
  readonly generations: Generation[];
  readonly positions: Position[];
  readonly end: () => void;
} => {
  const generations: Generation[] = [];
  const positions: Position[] = [];
  const end = store.subscribe({
    moved: (moved, position) => {
      const ours = moved.filter((generation) => generation.dependency === collection);
      generations.push(...ours);
      if (ours.length > 0) positions.push(position);
    },
    stateChanged: () => {},
  });
  return { generations, positions, end };
};

/** Invalidates again and again: a subscription may take a moment to begin. @returns the ids given */
export const invalidateUntil = async (
  store: RemoteStore,
  collection: string,
  isHeard: () => boolean,
): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  const giveUpAt = performance.now() + MESSAGES_WITHIN_MS;
  while (!isHeard()) {
    assert.ok(performance.now() < giveUpAt, 'No message came.');
    const [moved] = await store.invalidate([{ dependency: collection, after: TOKEN }]);
    ids.add(moved?.id ?? '');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return ids;
};

/** Tries again until it is so, or a message has had all the time it may take. */
export const eventually = async (condition: () => Promise<boolean>): Promise<void> => {
  const giveUpAt = performance.now() + MESSAGES_WITHIN_MS;
  while (!(await condition())) {
    assert.ok(performance.now() < giveUpAt, 'It did not come about.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
