import { ManualClock } from '@nestcms/circuit-breaker/testing';
import {
  FOREIGN_SERVERS_REASON,
  type RedisCluster,
  type RedisClusterOptions,
  startRedisCluster,
  usesForeignServers,
} from '@nestcms/testbed';
import { describe, expect, it, onTestFinished } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import type { RemoteStore } from '../../src/ports/remote-store.js';
import { createRedisRemoteStore } from '../../src/stores/redis/index.js';
import { FakeSource } from '../support/fake-source.js';
import { openClusterStore } from '../support/open-remote.js';
import { startProcess } from '../support/process.js';
import { soon } from '../support/soon.js';

const start = async (options: RedisClusterOptions = {}): Promise<RedisCluster> => {
  const cluster = await startRedisCluster(options);
  onTestFinished(() => cluster.stop());
  return cluster;
};

const STATE = '{aggregation-cache}:state';
const DEPENDENCIES = ['*', 'c:shop.a'];
const BYTES = Buffer.from('value');

const fill = async (store: RemoteStore) => {
  const { generations } = await store.look('k', DEPENDENCIES);
  const entry = { key: 'k', bytes: BYTES, ttlMs: 60_000, generations };
  expect(await store.store(entry)).toBe('stored');
  return entry;
};

type Started = ReturnType<typeof startProcess>;

const keysOf = async ({ nodes }: RedisCluster): Promise<string[]> =>
  (await Promise.all(nodes.map(({ redis }) => redis.keys('*')))).flat();

/** Asks again until it is answered, as reads do. */
const answered = async <T>(ask: () => Promise<T>, what: string): Promise<T> => {
  let answer: { readonly is: T } | undefined;
  await soon(async () => {
    answer = await ask().then(
      (is) => ({ is }),
      () => undefined,
    );
    return answer !== undefined;
  }, what);
  return (answer as { readonly is: T }).is;
};

describe.skipIf(usesForeignServers)(`in a cluster (${FOREIGN_SERVERS_REASON})`, () => {
  it('the death of the node is survived: on the promoted one everything older is void', async () => {
    const cluster = await start({ replicas: true });
    const { store } = await openClusterStore(cluster);
    const entry = await fill(store);
    const owner = await cluster.ownerOf(STATE);
    await soon(async () => (await owner.redis.wait(1, 100)) === 1, 'the copy');
    await owner.server.kill();
    const after = await answered(() => store.look('k', DEPENDENCIES), 'the promoted one');
    // A node of the others may hear of the promotion later than the client did.
    await soon(async () => (await cluster.ownerOf(STATE)) !== owner, 'the word of it');
    expect(after.value).toBeDefined();
    expect(after.generations[1]?.id).toBe(entry.generations[1]?.id);
    expect(after.generations[0]?.id).not.toBe(entry.generations[0]?.id);
    expect(await store.store(entry)).toBe('moved');
  }, 60_000);

  it('a frozen node costs one time-out, and the one that takes its place is another run', async () => {
    const cluster = await start({ replicas: true });
    const { store, states } = await openClusterStore(cluster, { timeoutMs: 200 });
    const entry = await fill(store);
    const owner = await cluster.ownerOf(STATE);
    await soon(async () => (await owner.redis.wait(1, 100)) === 1, 'the copy');
    await owner.server.freeze();
    const asked = Array.from({ length: 5 }, (_, index) => store.look(`${index}`, DEPENDENCIES));
    for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
    expect(states.at(-1)).toBe('away');
    await expect(store.position()).rejects.toMatchObject({ details: { reason: 'away' } });
    const after = await answered(() => store.look('k', DEPENDENCIES), 'the promoted one');
    expect(after.generations[0]?.id).not.toBe(entry.generations[0]?.id);
    await owner.server.thaw();
    // The old one, once it is back, has lost its slot to the new one.
    expect((await answered(() => store.position(), 'the position')).epoch).toBe(
      after.generations[0]?.id,
    );
  }, 60_000);

  it('a slot that moves is followed, and its new node adopted before it is believed', async () => {
    const cluster = await start();
    const { store } = await openClusterStore(cluster);
    const other = await openClusterStore(cluster);
    const entry = await fill(store);
    await cluster.moveSlotOf(STATE, async () => {
      // What was said halfway is said again, or is refused; it is never wrong.
      await store.look('k', DEPENDENCIES).catch(() => {});
    });
    // No connection was lost: the client itself is redirected.
    const after = await answered(() => store.look('k', DEPENDENCIES), 'the new node');
    expect(after.value).toBeDefined();
    expect(after.generations[0]?.id).not.toBe(entry.generations[0]?.id);
    const seen = await answered(() => other.store.generations(['*']), 'the other process');
    expect(seen[0]?.id).toBe(after.generations[0]?.id);
  }, 60_000);

  it('everything of a cache lies in one slot, whatever braces its names have, and all of it can be made void', async () => {
    const cluster = await start();
    const braced = definePipelineClass<void, { value: string }>({
      name: '{class}',
      collection: '{a}.b{',
      pipeline: [{ $lookup: { from: '}{c}', pipeline: [], as: 'c' } }],
      tags: ['{tag}', '}', '{}'],
    });
    const clock = new ManualClock();
    const keyPrefix = 'shop}:{x';
    expect(() => createRedisRemoteStore({ redis: cluster.client, keyPrefix })).toThrow(/braces/);
    const processes = [];
    for (const source of [new FakeSource(), new FakeSource()]) {
      const { store } = await openClusterStore(cluster);
      processes.push(startProcess({ clock, source, store }));
    }
    const [one, other] = processes as [Started, Started];
    const read = ({ engine }: Started) => engine.read(braced, undefined, { tenant: '{tenant}' });
    await read(one);
    const valueKeys = async () => (await keysOf(cluster)).filter((key) => key.includes(':v3:'));
    await soon(async () => (await valueKeys()).length === 1, 'the stored value');
    expect((await read(other)).source).toBe('remote');
    const keys = await keysOf(cluster);
    expect(keys.length).toBeGreaterThan(8);
    const slots = keys.map((key) => cluster.client.cluster('KEYSLOT', key));
    expect(new Set(await Promise.all(slots)).size).toBe(1);
    for (const what of [{ tags: ['{tag}'] }, { tenants: ['{tenant}'] }, { all: true }]) {
      expect(await one.engine.invalidate(what)).toEqual({ published: true });
      await soon(async () => (await read(other)).cache === 'MISS', 'the message');
      await read(other);
    }
  }, 60_000);

  it('who listens hears whatever node the other side talks to', async () => {
    const cluster = await start({ replicas: true });
    const { store } = await openClusterStore(cluster);
    const other = await openClusterStore(cluster);
    const heard: string[] = [];
    other.store.subscribe({
      moved: (generations) => heard.push(...generations.map(({ dependency }) => dependency)),
      woken: (key) => heard.push(key),
      stateChanged: () => {},
    });
    const tellUntilHeard = async (name: string) => {
      await soon(async () => {
        await store.invalidate([{ dependency: name }]).catch(() => {});
        return heard.includes(name);
      }, name);
    };
    await tellUntilHeard('c:shop.a');
    const answer = await store.lease({ key: 'wanted', ttlMs: 60_000 });
    await other.store.lease({ key: 'wanted', ttlMs: 60_000 });
    if (answer.granted) await store.release(answer.lease);
    await soon(() => heard.includes('wanted'), 'the waking');
    const owner = await cluster.ownerOf(STATE);
    await owner.server.kill();
    await answered(() => store.position(), 'the promoted one');
    await tellUntilHeard('c:shop.b');
    expect(heard).toContain('c:shop.b');
  }, 60_000);
});
