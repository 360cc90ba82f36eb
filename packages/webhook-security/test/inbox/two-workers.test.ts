import { randomUUID } from 'node:crypto';
import { startFaultProxy } from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  createInbox,
  type InboxEvent,
  type InboxOptions,
  type InboxStore,
} from '../../src/inbox/index.js';
import { createMongoInboxStore, type InboxDocument } from '../../src/stores/mongodb/index.js';
import { createRedisInboxStore } from '../../src/stores/redis/index.js';
import { accepted } from './accepted.js';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe.concurrent.each(['Redis', 'MongoDB'] as const)('two inboxes over one %s', (kind) => {
  let redis: Redis;
  let client: MongoClient;
  const database = `test-${randomUUID().slice(0, 8)}`;
  beforeAll(() => {
    redis = new Redis(inject('redisStateUrl'));
    client = new MongoClient(inject('mongodbUri'));
  });
  afterAll(async () => {
    await redis.quit();
    await client.db(database).dropDatabase();
    await client.close();
  });

  async function newStore(): Promise<InboxStore> {
    const name = randomUUID();
    if (kind === 'Redis') return createRedisInboxStore({ redis, keyPrefix: `test:${name}` });
    const collection = client.db(database).collection<InboxDocument>(name);
    const store = createMongoInboxStore({ collection });
    await store.ensureIndexes();
    return store;
  }

  it('never work on one entry at once, and miss none', async ({ expect }) => {
    const store = await newStore();
    const active = new Map<string, string>();
    const met: string[] = [];
    const done: { worker: string; key: string }[] = [];
    const inboxOf = (worker: string, more: Partial<InboxOptions> = {}) =>
      createInbox({
        store,
        pollMs: 20,
        concurrency: 5,
        backoff: { firstDelayMs: 1, maxDelayMs: 20 },
        process: async ({ key, attempt }) => {
          if (active.has(key)) met.push(key);
          active.set(key, worker);
          await sleep(Math.random() * 10);
          active.delete(key);
          if (attempt === 1 && key.endsWith('5%3AA')) throw new Error('not now');
          done.push({ worker, key });
        },
        ...more,
      });
    const inboxes = ['one', 'two'].map((worker) => inboxOf(worker));
    for (const inbox of inboxes) inbox.start();
    const verdicts = await Promise.all(
      Array.from({ length: 60 }, (_, index) => accepted(`TST${index}`)),
    );
    // Each delivery reaches both, as a sender's impatient retry does.
    const receipts = await Promise.all(
      verdicts.flatMap((verdict) => inboxes.map((inbox) => inbox.receive(verdict))),
    );
    expect(receipts.filter(({ known }) => !known)).toHaveLength(60);
    await expect.poll(() => done.length, { interval: 20 }).toBe(60);
    await Promise.all(inboxes.map((inbox) => inbox.stop()));
    expect(met).toEqual([]);
    expect(new Set(done.map(({ key }) => key)).size).toBe(60);
    expect(new Set(done.map(({ worker }) => worker))).toEqual(new Set(['one', 'two']));
    expect(await store.counts()).toEqual({ due: 0, later: 0, dead: 0 });
  }, 60_000);

  it('hand over when one is killed', async ({ expect }) => {
    const store = await newStore();
    // A process that is killed asks its store nothing any more, and its work comes to no end.
    let isKilled = false;
    const killed = new Promise<never>(() => {});
    const mortal = new Proxy(store, {
      get: (target, name: keyof InboxStore) =>
        isKilled ? () => killed : (Reflect.get(target, name) as unknown),
    });
    const events: InboxEvent[] = [];
    const began: string[] = [];
    const first = createInbox({
      store: mortal,
      leaseMs: 4_000,
      pollMs: 20,
      process: ({ key }) => {
        began.push(key);
        return killed;
      },
    });
    const second = createInbox({
      store,
      leaseMs: 4_000,
      pollMs: 20,
      process: () => {},
      observer: (event) => events.push(event),
    });
    first.start();
    await first.receive(await accepted());
    await expect.poll(() => began.length, { interval: 20 }).toBe(1);
    second.start();
    // Longer than a lease: the first one renews it.
    await sleep(4_500);
    expect(events).toEqual([]);
    isKilled = true;
    await expect.poll(() => events.length, { interval: 20 }).toBe(1);
    expect(events).toMatchObject([{ event: 'processed', key: began[0], attempt: 2 }]);
    await second.stop();
  }, 60_000);
});

it('a worker that is cut off from its store ends its work before another one takes it', async () => {
  const address = new URL(inject('redisStateUrl'));
  const proxy = await startFaultProxy({
    target: { host: address.hostname, port: Number(address.port) },
  });
  const cutOff = new Redis(`redis://${proxy.host}:${proxy.port}`);
  const connected = new Redis(address.href);
  cutOff.on('error', () => {});
  const keyPrefix = `test:${randomUUID()}`;
  const happened: string[] = [];
  const options = { leaseMs: 1_500, pollMs: 10, storeTimeoutMs: 1_000 };
  const first = createInbox({
    ...options,
    store: createRedisInboxStore({ redis: cutOff, keyPrefix }),
    process: ({ signal }) =>
      new Promise((_resolve, reject) => {
        happened.push('begun');
        signal.addEventListener('abort', () => {
          happened.push('ended');
          reject(signal.reason as Error);
        });
      }),
  });
  const second = createInbox({
    ...options,
    store: createRedisInboxStore({ redis: connected, keyPrefix }),
    process: () => happened.push('taken'),
  });
  try {
    first.start();
    await first.receive(await accepted());
    await expect.poll(() => happened, { interval: 5 }).toEqual(['begun']);
    second.start();
    await proxy.freeze();
    await expect.poll(() => happened.length, { interval: 5 }).toBe(3);
    expect(happened).toEqual(['begun', 'ended', 'taken']);
  } finally {
    cutOff.disconnect();
    await Promise.all([first.stop(), second.stop()]);
    connected.disconnect();
    await proxy.stop();
  }
}, 60_000);
