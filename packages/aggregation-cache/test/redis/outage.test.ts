import { randomUUID } from 'node:crypto';
import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  startRedis,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import {
  insertEverywhere,
  openCache,
  openClient,
  openDatabase,
  openStore,
} from '../support/open-cache.js';
import { watchPauses } from '../support/pauses.js';
import { soon } from '../support/soon.js';

/** Of stores whose Redis goes; the others get more time than a busy machine may take. */
const TIMEOUT_MS = 500;
const AMPLE_MS = 10_000;
const HEARTBEAT_MS = 200;

const value = definePipelineClass<{ salt: number }, { value: string }>({
  name: 'value',
  collection: 'values',
  pipeline: ({ salt }) => [
    { $set: { salt: { $literal: salt } } },
    { $project: { _id: 0, value: 1 } },
  ],
});

describe.skipIf(usesForeignServers)(`when Redis fails (${FOREIGN_SERVERS_REASON})`, () => {
  const open = async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const keyPrefix = randomUUID();
    const { client } = await openClient(inject('mongodbUri'));
    const database = openDatabase(client);
    await insertEverywhere(database, 'values', [{ value: 'old' }]);
    const start = async (timeoutMs = TIMEOUT_MS) => {
      const remote = await openStore(server.url, { keyPrefix, timeoutMs });
      return openCache({ client, database, remote, heartbeatMs: HEARTBEAT_MS });
    };
    const write = async (next: string) => {
      await database
        .collection('values')
        .updateOne({}, { $set: { value: next } }, { writeConcern: { w: 'majority' } });
    };
    return { server, start, write };
  };

  const readValue = async (
    cache: Awaited<ReturnType<Awaited<ReturnType<typeof open>>['start']>>,
    salt = 0,
  ) => (await cache.read(value, { salt })).rows[0]?.value;

  /** Reads never-asked questions for a while: none may fail, and none may wait for Redis for long. */
  const readOn = async (cache: Parameters<typeof readValue>[0], forMs: number) => {
    let memberMs = 0;
    let timeouts = 0;
    const ends = [
      cache.events.on('filled', ({ tookMs }) => {
        memberMs = tookMs;
      }),
      cache.events.on('remoteFailed', ({ operation, reason }) => {
        if (operation === 'look' && reason === 'timeout') timeouts += 1;
      }),
    ];
    /** What each read took beside the time of its member, which a busy machine makes long. */
    const besideMs: number[] = [];
    const pauses = watchPauses();
    const startedAt = performance.now();
    for (let salt = 1; performance.now() < startedAt + forMs || salt <= 40; salt += 1) {
      const { tookMs } = await cache.read(value, { salt: salt + Math.random() });
      besideMs.push(tookMs - memberMs);
    }
    for (const end of ends) end();
    const elapsedMs = performance.now() - startedAt;
    return { besideMs, timeouts, elapsedMs, pauseMs: pauses() };
  };

  const cut = async (server: RedisServer, how: 'kill' | 'freeze') => {
    if (how === 'kill') await server.kill();
    else await server.freeze();
  };

  const restore = async (server: RedisServer, how: 'kill' | 'freeze') => {
    if (how === 'kill') await server.restart();
    else await server.thaw();
  };

  it.each(['kill', 'freeze'] as const)(
    'reads go on, none fails, none waits longer than its time-out, and Redis is used again: %s',
    async (how) => {
      const { server, start } = await open();
      const [one, other] = [await start(), await start()];
      await readValue(one);
      await cut(server, how);
      const { besideMs, timeouts, elapsedMs, pauseMs } = await readOn(one, 1_500);
      // A busy machine may hold up this process as it writes, as it waits, and as it goes on.
      expect(Math.max(...besideMs)).toBeLessThan(TIMEOUT_MS + 500 + 3 * pauseMs);
      // A whole time-out is paid by the read that was under way when the connection went, or else until
      // the breaker opens, and by its trials, one a second.
      const trials = Math.ceil(elapsedMs / 1_000);
      expect(timeouts).toBeGreaterThanOrEqual(how === 'kill' ? 0 : 1);
      expect(timeouts).toBeLessThanOrEqual(how === 'kill' ? 1 : 5 + trials);
      expect(one.stats().reads.failed).toBe(0);
      await restore(server, how);
      await soon(() => one.stats().remote.state === 'ready', 'Redis');
      await soon(async () => {
        await readValue(one, -1);
        await one.invalidate({ collections: ['unrelated'] });
        return (await other.read(value, { salt: -1 })).source !== 'member';
      }, 'the remote tier');
    },
    30_000,
  );

  it.each(['kill', 'freeze'] as const)(
    'an invalidation holds at once where it was made, and everywhere once Redis is back: %s',
    async (how) => {
      const { server, start, write } = await open();
      const [one, other] = [await start(), await start()];
      await readValue(one);
      await soon(async () => (await other.read(value, { salt: 0 })).source !== 'member');
      await cut(server, how);
      await write('new');
      // Redis is back only later: this ends because it does not wait for it.
      await expect(one.invalidate({ collections: ['values'] })).resolves.toEqual({
        published: false,
      });
      expect(await readValue(one)).toBe('new');
      await restore(server, how);
      await soon(() => one.stats().remote.pendingInvalidations === 0, 'the invalidation');
      expect(await readValue(one)).toBe('new');
      await soon(async () => (await readValue(other)) === 'new', 'the other process');
      const late = await start();
      expect(await readValue(late)).toBe('new');
    },
    30_000,
  );

  it('a Redis that came back with older data is not believed', async () => {
    const { server, start, write } = await open();
    const one = await start(AMPLE_MS);
    await readValue(one);
    const direct = new Redis(server.url);
    direct.on('error', () => {});
    onTestFinished(() => direct.disconnect());
    await soon(async () => (await direct.keys('*:v3:*')).length === 1, 'the stored value');
    // The state it will come back with: the old value, and the generation it was stored under.
    await direct.save();
    await write('new');
    await expect(one.invalidate({ collections: ['values'] })).resolves.toEqual({ published: true });
    await server.restart();
    await soon(async () => (await direct.keys('*:v3:*')).length === 1, 'the old state');
    const late = await start(AMPLE_MS);
    expect(await readValue(late)).toBe('new');
    await soon(() => one.stats().remote.state === 'ready', 'Redis');
    expect(await readValue(one)).toBe('new');
  }, 30_000);

  it('an invalidation is noticed within a heartbeat without the message', async () => {
    const { server, start, write } = await open();
    const [one, other] = [await start(AMPLE_MS), await start(AMPLE_MS)];
    await readValue(other);
    const direct = new Redis(server.url);
    onTestFinished(() => direct.disconnect());
    // Subscribers are cut again and again, so that no message can be relied on.
    const cutting = setInterval(() => {
      direct.call('CLIENT', ['KILL', 'TYPE', 'PUBSUB']).catch(() => {});
    }, 1);
    onTestFinished(() => clearInterval(cutting));
    await write('new');
    await expect(one.invalidate({ collections: ['values'] })).resolves.toEqual({ published: true });
    await new Promise((resolve) => setTimeout(resolve, HEARTBEAT_MS));
    expect(await readValue(other)).toBe('new');
  }, 30_000);
});
