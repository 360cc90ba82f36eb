import { randomUUID } from 'node:crypto';
import { systemClock } from '@nestcms/circuit-breaker';
import {
  FOREIGN_SERVERS_REASON,
  type ReplicaSet,
  startReplicaSet,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { Binary, BSON, type Db, Long, Timestamp } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import {
  type AggregationCache,
  type AggregationCacheOptions,
  causalToken,
  definePipelineClass,
} from '../../src/index.js';
import {
  insertEverywhere,
  openCache,
  openClient,
  openDatabase,
  openStore,
} from '../support/open-cache.js';
import { watchPauses } from '../support/pauses.js';
import { soon } from '../support/soon.js';

const contract = definePipelineClass<{ id: number; salt?: number }, { value: string }>({
  name: 'contract',
  collection: 'contracts',
  // The salt makes each question another one, so that none is answered from a tier.
  pipeline: ({ id, salt = 0 }) => [
    { $match: { _id: id } },
    { $set: { salt: { $literal: salt } } },
    { $project: { _id: 0, value: 1 } },
  ],
  members: [{ replica: 'replica1' }, { replica: 'replica2' }],
  maxTimeMs: 1_000,
});

/** A time as it is kept in Redis. */
const token = (seconds: number, signed: Uint8Array = new Uint8Array()) =>
  Buffer.concat([Buffer.from(`${seconds.toString(16).padStart(8, '0')}00000001`), signed]);

let salt = 0;
const fresh = (cache: AggregationCache) => cache.read(contract, { id: 1, salt: ++salt });

const replicaOf = (answer: Awaited<ReturnType<typeof fresh>>) =>
  answer.member?.tags.replica ?? 'primary';

describe.skipIf(usesForeignServers)(`when members fail (${FOREIGN_SERVERS_REASON})`, () => {
  let set: ReplicaSet;

  beforeAll(async () => {
    set = await startReplicaSet({ lagControl: true });
  }, 60_000);

  afterAll(() => set?.stop());

  const stateOf = (cache: AggregationCache) =>
    cache.stats().members.find(({ address }) => address === set.members.replica1.address);

  const isUpToDate = (cache: AggregationCache) => (stateOf(cache)?.lagMs ?? 1) === 0;

  const open = async (options: Partial<AggregationCacheOptions> = {}) => {
    const { client, sent } = await openClient(set.uri);
    const database = openDatabase(client);
    await insertEverywhere(database, 'contracts', [{ _id: 1, value: 'old' }]);
    const cache = openCache({ client, database, ...options });
    sent.length = 0;
    return { client, database, cache, sent };
  };

  /** Writes, and returns the point from which on readers must see it. */
  const write = async (database: Db, value: string) => {
    const session = database.client.startSession();
    await database
      .collection<{ _id: number }>('contracts')
      .updateOne({ _id: 1 }, { $set: { value } }, { session, writeConcern: { w: 'majority' } });
    const token = causalToken(session);
    await session.endSession();
    if (token === undefined) throw new Error('The server gave no operation time.');
    return token;
  };

  describe('a member that lags', () => {
    it('never refills an old value: another member is read, and the member again later', async () => {
      const { database, cache } = await open({ lagBudgetMs: 2_000, lagProbeMs: 200 });
      const passedOver: unknown[] = [];
      cache.events.on('memberPassedOver', ({ member, reason }) =>
        passedOver.push([member, reason]),
      );
      expect(replicaOf(await cache.read(contract, { id: 1 }))).toBe('replica1');
      await set.members.replica1.setLag(true);
      try {
        await write(database, 'new');
        // What the member would answer without the time of the write.
        const naive = openCache({ client: database.client, database });
        const stale = await naive.read(contract, { id: 1 });
        expect([replicaOf(stale), stale.rows[0]?.value]).toEqual(['replica1', 'old']);

        await cache.invalidate({ collections: ['contracts'] });
        const answer = await cache.read(contract, { id: 1 });
        expect(answer.rows).toEqual([{ value: 'new' }]);
        expect(replicaOf(answer)).toBe('replica2');
        expect(passedOver).toEqual([[set.members.replica1.address, 'lagging']]);
        // It answers, so its breaker has nothing to say about it.
        expect(stateOf(cache)).toMatchObject({ breaker: 'closed' });
      } finally {
        await set.members.replica1.setLag(false);
      }
      await set.waitUntilCaughtUp();
      await soon(() => isUpToDate(cache), 'the probe');
      await cache.invalidate({ collections: ['contracts'] });
      const back = await cache.read(contract, { id: 1 });
      expect([replicaOf(back), back.rows[0]?.value]).toEqual(['replica1', 'new']);
    }, 40_000);

    it('does not refill in another process either, which heard of the write through Redis', async () => {
      const keyPrefix = randomUUID();
      const store = () => openStore(inject('redisCacheUrl'), { keyPrefix });
      const one = await open({ remote: await store(), lagBudgetMs: 2_000, lagProbeMs: 200 });
      const { client } = await openClient(set.uri);
      const other = openCache({
        client,
        database: one.database.databaseName,
        remote: await store(),
        lagBudgetMs: 300,
        lagProbeMs: 200,
      });
      expect((await other.read(contract, { id: 1 })).rows).toEqual([{ value: 'old' }]);
      await set.members.replica1.setLag(true);
      try {
        const heard = new Promise((resolve) => other.events.once('invalidated', resolve));
        const after = await write(one.database, 'new');
        await one.cache.invalidate({ collections: ['contracts'], after });
        await heard;
        const answer = await other.read(contract, { id: 1 });
        expect(answer.rows).toEqual([{ value: 'new' }]);
        expect(replicaOf(answer)).toBe('replica2');
      } finally {
        await set.members.replica1.setLag(false);
      }
    }, 40_000);

    it('does not refill the old rows after the change event of a write that nobody invalidates for', async () => {
      const { database, cache } = await open({
        changes: true,
        lagBudgetMs: 2_000,
        lagProbeMs: 200,
      });
      const toldOf = (wanted: string) =>
        new Promise<void>((resolve) => {
          cache.events.on('invalidated', ({ by, dependencies }) => {
            if (by === 'changes' && dependencies.includes(wanted)) resolve();
          });
        });
      await toldOf('*');
      expect((await cache.read(contract, { id: 1 })).rows).toEqual([{ value: 'old' }]);
      await set.members.replica1.setLag(true);
      try {
        const told = toldOf(`d:${database.databaseName}.contracts:i1`);
        await write(database, 'new');
        await told;
        const answer = await cache.read(contract, { id: 1 });
        expect([replicaOf(answer), answer.rows]).toEqual(['replica2', [{ value: 'new' }]]);
      } finally {
        await set.members.replica1.setLag(false);
      }
      await set.waitUntilCaughtUp();
    }, 40_000);

    it('that catches up within the budget is waited for, once', async () => {
      const { database, cache, sent } = await open({ lagBudgetMs: 10_000 });
      await set.members.replica1.setLag(true);
      await write(database, 'new');
      await cache.invalidate({ collections: ['contracts'] });
      sent.length = 0;
      const reading = cache.read(contract, { id: 1 });
      await soon(() => sent.length > 0);
      await set.members.replica1.setLag(false);
      const answer = await reading;
      expect([replicaOf(answer), answer.rows[0]?.value]).toEqual(['replica1', 'new']);
      expect(sent.map(({ name }) => name)).toEqual(['find', 'aggregate']);
      sent.length = 0;
      await fresh(cache);
      expect(sent.map(({ name }) => name)).toEqual(['aggregate']);
    }, 40_000);

    it('does not answer a reader who brings the token of its write', async () => {
      const { database, cache } = await open({ lagBudgetMs: 2_000, lagProbeMs: 200 });
      await set.members.replica1.setLag(true);
      try {
        const after = await write(database, 'mine');
        const answer = await cache.read(contract, { id: 1 }, { after });
        expect(answer.rows).toEqual([{ value: 'mine' }]);
        expect(replicaOf(answer)).toBe('replica2');
      } finally {
        await set.members.replica1.setLag(false);
      }
    }, 40_000);
  });

  describe('a time that no member knows', () => {
    it('is honoured by nobody: the primary answers, and nothing is kept', async () => {
      const { cache } = await open();
      const reasons: string[] = [];
      cache.events.on('memberPassedOver', ({ reason }) => reasons.push(reason));
      cache.events.on('notStored', ({ reason }) => reasons.push(reason));
      const seconds = Math.floor(Date.now() / 1_000) + 3_600;
      const operationTime = new Timestamp({ t: seconds, i: 1 });
      const answer = await cache.read(contract, { id: 1 }, { after: { operationTime } });
      expect(replicaOf(answer)).toBe('primary');
      expect(reasons).toEqual(['timeUnknown', 'timeUnknown', 'timeUnknown']);
      expect((await cache.read(contract, { id: 1 })).cache).toBe('MISS');
    });

    it.each<[string, (now: number) => Buffer]>([
      ['a signed time that is none', (now) => token(now, BSON.serialize({ x: 1 }))],
      ['an hour ahead', (now) => token(now + 3_600)],
      ['decades ahead', () => token(0xffff_ffff)],
      ['no time', () => Buffer.from('not a time at all')],
      [
        'signed for an age that the server does not accept',
        (now) => {
          const clusterTime = new Timestamp({ t: now + 40 * 365 * 86_400, i: 1 });
          const signature = { hash: new Binary(Buffer.alloc(20)), keyId: Long.ZERO };
          return token(now, BSON.serialize({ clusterTime, signature }));
        },
      ],
    ])(
      'planted in Redis fails no read, and does so for no longer than one: %s',
      async (_, plant) => {
        const keyPrefix = randomUUID();
        const remote = await openStore(inject('redisCacheUrl'), { keyPrefix });
        const { cache, database } = await open({ remote });
        const redis = new Redis(inject('redisCacheUrl'));
        onTestFinished(() => redis.disconnect());
        const generation = Buffer.concat([
          Buffer.from('f'.repeat(32)),
          plant(Math.floor(Date.now() / 1_000)),
        ]);
        const namespace = `c:${database.databaseName}.contracts`;
        await redis.set(`{${keyPrefix}}:g:${namespace}`, generation);
        expect((await fresh(cache)).rows).toEqual([{ value: 'old' }]);
        const next = await fresh(cache);
        expect([replicaOf(next), next.rows]).toEqual(['replica1', [{ value: 'old' }]]);
        expect((await cache.read(contract, { id: 1, salt })).cache).toBe('HIT');
        // The next invalidation leaves nothing of it behind.
        await cache.invalidate({ collections: ['contracts'] });
        const held = await redis.getBuffer(`{${keyPrefix}}:g:${namespace}`);
        expect(Number.parseInt(held?.toString('latin1', 32, 40) ?? '', 16)).toBeLessThanOrEqual(
          Date.now() / 1_000 + 3_600,
        );
        expect(replicaOf(await fresh(cache))).toBe('replica1');
      },
    );

    it('with a signed cluster time is known to all', async () => {
      const { database, cache } = await open();
      const after = await write(database, 'new');
      expect(after.clusterTime?.signature).toBeDefined();
      const answer = await cache.read(contract, { id: 1 }, { after });
      expect([replicaOf(answer), answer.rows[0]?.value]).toEqual(['replica1', 'new']);
    });
  });

  describe('a member that is busy', () => {
    it('is waited for by more reads than the pool has connections', async () => {
      const { database } = await open();
      const { client } = await openClient(set.uri, { maxPoolSize: 2 });
      const cache = openCache({ client, database: database.databaseName });
      const body =
        'function () { const end = Date.now() + 400; while (Date.now() < end); return 1; }';
      // All together take far longer than one may; each on its own far less.
      const slow = definePipelineClass<{ salt: number }>({
        name: 'slow',
        collection: 'contracts',
        pipeline: (params) => [
          { $limit: 1 },
          { $set: { salt: params.salt, x: { $function: { body, args: [], lang: 'js' } } } },
        ],
        members: [{ replica: 'replica1' }, { replica: 'replica2' }],
        maxTimeMs: 2_500,
      });
      const passedOver: unknown[] = [];
      cache.events.on('memberPassedOver', ({ member, reason }) =>
        passedOver.push([member, reason]),
      );
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => cache.read(slow, { salt: ++salt })),
      );
      expect(passedOver).toEqual([]);
      expect(answers.map(({ member }) => member?.tags.replica)).toEqual(Array(20).fill('replica1'));
      expect(stateOf(cache)).toMatchObject({ breaker: 'closed', asked: 20 });
    }, 60_000);
  });

  describe('a member that is killed', () => {
    it('fails no read and stalls none; it is read again when it is back', async () => {
      const { cache } = await open();
      expect(replicaOf(await fresh(cache))).toBe('replica1');
      const tookMs: number[] = [];
      const served: string[] = [];
      let running = true;
      const readers = Array.from({ length: 8 }, async () => {
        while (running) {
          const answer = await fresh(cache);
          tookMs.push(answer.tookMs);
          served.push(replicaOf(answer));
        }
      });
      await soon(() => served.length > 50);
      const pauses = watchPauses();
      await set.members.replica1.kill();
      await soon(() => served.slice(-50).every((replica) => replica === 'replica2'));
      running = false;
      await Promise.all(readers);
      const pauseMs = pauses();
      // Without the cache's own watch, the driver would have waited 30 s for the member to come back.
      expect(Math.max(...tookMs)).toBeLessThan(3_000 + 3 * pauseMs);
      expect(served).not.toContain('primary');

      await set.members.replica1.restart();
      await soon(async () => replicaOf(await fresh(cache)) === 'replica1', 'the member');
    }, 60_000);
  });

  describe('a member that is frozen', () => {
    it('is given up on after its time, then left alone by its breaker, then tried again', async () => {
      // The machine's clock, until the test lets a minute pass at once.
      let skippedMs = 0;
      const clock = { ...systemClock, now: () => systemClock.now() + skippedMs };
      const { cache } = await open({
        clock,
        // The probe would find it out before the breaker does.
        lagBudgetMs: 60_000,
        memberBreaker: { minimumCalls: 2, openForMs: 60_000, window: { kind: 'count', size: 2 } },
      });
      const quick = definePipelineClass<{ salt: number }>({
        name: 'quick',
        collection: 'contracts',
        pipeline: (params) => [{ $set: { salt: { $literal: params.salt } } }],
        members: [{ replica: 'replica1' }, { replica: 'replica2' }],
        maxTimeMs: 1_000,
      });
      const ask = () => cache.read(quick, { salt: ++salt });
      const breaker = () => stateOf(cache)?.breaker;
      const reasons: string[] = [];
      cache.events.on('memberPassedOver', ({ reason }) => reasons.push(reason));
      await ask();
      await ask();
      await set.members.replica1.freeze();
      try {
        await soon(async () => {
          expect(replicaOf((await ask()) as Awaited<ReturnType<typeof fresh>>)).toBe('replica2');
          return breaker() === 'open';
        });
        expect(reasons).toContain('timeout');
        reasons.length = 0;
        await ask();
        expect(reasons).toEqual(['breakerOpen']);
      } finally {
        await set.members.replica1.thaw();
      }
      skippedMs = 60_000;
      await soon(
        async () => replicaOf((await ask()) as Awaited<ReturnType<typeof fresh>>) === 'replica1',
        'the member',
      );
      expect(breaker()).toBe('closed');
    }, 60_000);
  });

  describe('a primary that steps down', () => {
    it('is waited for by what only the primary may answer', async () => {
      const { cache, database } = await open({ selectionTimeoutMs: 15_000 });
      const own = definePipelineClass<{ salt: number }>({
        name: 'own',
        collection: 'contracts',
        pipeline: (params) => [{ $set: { salt: { $literal: params.salt } } }],
      });
      const before = await cache.read(own, { salt: ++salt });
      expect(before.member?.address).toBe(set.members.primary.address);
      const stepping = set.stepDown({ forSeconds: 10 });
      await soon(async () => {
        const { member } = await cache.read(own, { salt: ++salt });
        return member?.address !== before.member?.address;
      });
      await stepping;
      // A member that became the primary is no secondary any more, whatever its tags.
      const answer = await fresh(cache);
      expect(['replica1', 'replica2', 'replica3']).toContain(replicaOf(answer));
      await write(database, 'after');
      await cache.invalidate({ collections: ['contracts'] });
      expect((await fresh(cache)).rows).toEqual([{ value: 'after' }]);
    }, 60_000);
  });
});
