import { MongoClient, ReadPreference } from 'mongodb';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { AggregationCache, definePipelineClass } from '../../src/index.js';
import { insertEverywhere, openCache, openClient, openDatabase } from '../support/open-cache.js';

const TAGS = ['replica1', 'replica2', 'replica3'] as const;

const from = (members: { replica: string }[], primary: 'last' | 'never' = 'last') =>
  definePipelineClass({
    name: `from-${members.map(({ replica }) => replica).join('-')}`,
    collection: 'contracts',
    pipeline: [{ $match: {} }, { $sort: { _id: 1 } }],
    members,
    primary,
  });

let uri: string;
beforeEach(() => {
  uri = inject('mongodbUri');
});

const open = async () => {
  const { client, sent } = await openClient(uri);
  const database = openDatabase(client);
  await insertEverywhere(database, 'contracts', [{ _id: 1 }, { _id: 2 }]);
  sent.length = 0;
  return { client, sent, database, cache: openCache({ client, database }) };
};

describe('a class', () => {
  it.each(TAGS)('is read from the member with its tags: %s', async (replica) => {
    const { sent, cache } = await open();
    const { rows, member } = await cache.read(from([{ replica }]));
    expect(rows).toEqual([{ _id: 1 }, { _id: 2 }]);
    expect(member?.tags).toMatchObject({ replica });
    expect(sent.map(({ name, address }) => [name, address])).toEqual([
      ['aggregate', member?.address],
    ]);
  });

  it('without members is read from the primary', async () => {
    const { sent, cache } = await open();
    const { member } = await cache.read(from([]));
    expect(member?.tags.replica).toBeUndefined();
    expect(sent[0]?.address).toBe(member?.address);
  });

  it('is read from the next member when nobody has the first tags, without a wait', async () => {
    const { client, database } = await open();
    const cache = openCache({ client, database, selectionTimeoutMs: 60_000 });
    const passedOver: unknown[] = [];
    cache.events.on('memberPassedOver', (event) => passedOver.push(event));
    const { member, tookMs } = await cache.read(
      from([{ replica: 'nobody' }, { replica: 'replica2' }]),
    );
    expect(member?.tags).toMatchObject({ replica: 'replica2' });
    // Far below what waiting for a member would take, here or in the driver.
    expect(tookMs).toBeLessThan(20_000);
    expect(passedOver).toEqual([
      {
        pipelineClass: 'from-nobody-replica2',
        member: '{"replica":"nobody"}',
        reason: 'absent',
      },
    ]);
  });

  it('is read from the primary when nobody has any of its tags', async () => {
    const { cache } = await open();
    const { member } = await cache.read(from([{ replica: 'nobody' }]));
    expect(member?.tags.replica).toBeUndefined();
  });

  it('that may not be read from the primary is not, and says who was passed over', async () => {
    const { database, client } = await open();
    const cache = openCache({ client, database, selectionTimeoutMs: 50 });
    await expect(cache.read(from([{ replica: 'nobody' }], 'never'))).rejects.toMatchObject({
      code: 'NO_MEMBER',
      details: { passedOver: [{ member: '{"replica":"nobody"}', reason: 'absent' }] },
    });
  });

  it('sends majority, the time limit and its name', async () => {
    const { sent, cache } = await open();
    await cache.read(from([{ replica: 'replica1' }]));
    const { command } = sent[0] ?? {};
    expect(command).toMatchObject({
      maxTimeMS: 5_000,
      comment: 'aggregation-cache: from-replica1',
      $readPreference: { mode: 'secondary', tags: [{ replica: 'replica1' }] },
    });
    expect({ ...(command?.readConcern as object) }).toEqual({ level: 'majority' });
  });

  it('sends its collation, hint and variables', async () => {
    const { sent, cache } = await open();
    const options = {
      collation: { locale: 'en', strength: 2 },
      hint: '_id_',
      let: { wanted: 2 },
      allowDiskUse: true,
    };
    const one = definePipelineClass({
      name: 'one',
      collection: 'contracts',
      pipeline: [{ $match: { $expr: { $eq: ['$_id', '$$wanted'] } } }],
      options,
    });
    expect((await cache.read(one)).rows).toEqual([{ _id: 2 }]);
    expect(sent[0]?.command).toMatchObject(options);
  });

  it('leaves the constants of the driver as they are', async () => {
    const { cache } = await open();
    await cache.read(from([{ replica: 'replica1' }]));
    expect(ReadPreference.secondary.tags).toBeUndefined();
    expect(ReadPreference.secondaryPreferred.tags).toBeUndefined();
  });

  it('gets all batches of a long result', async () => {
    const { database, sent, cache } = await open();
    const many = Array.from({ length: 350 }, (_, n) => ({ n, text: 'x'.repeat(200) }));
    await insertEverywhere(database, 'many', many);
    sent.length = 0;
    const all = definePipelineClass({
      name: 'all',
      collection: 'many',
      pipeline: [{ $sort: { n: 1 } }, { $project: { _id: 0 } }],
      members: [{ replica: 'replica3' }],
    });
    const { rows, member } = await cache.read(all);
    expect(rows).toEqual(many);
    expect(sent.map(({ name }) => name)).toContain('getMore');
    expect(new Set(sent.map(({ address }) => address))).toEqual(new Set([member?.address]));
  });
});

describe('a hundred readers at once', () => {
  it('are one question to one member', async () => {
    const { sent, cache } = await open();
    const one = from([{ replica: 'replica2' }]);
    const answers = await Promise.all(Array.from({ length: 100 }, () => cache.read(one)));
    expect(sent.map(({ name }) => name)).toEqual(['aggregate']);
    expect(new Set(answers.map(({ rows }) => rows)).size).toBe(1);
    expect((await cache.read(one)).cache).toBe('HIT');
    expect(sent).toHaveLength(1);
  });
});

describe('the member named in an answer', () => {
  it('is the one that answered, also for a client without command monitoring', async () => {
    const { client } = await openClient(uri, { monitorCommands: false });
    const database = openDatabase(client);
    await insertEverywhere(database, 'a', [{}]);
    const cache = openCache({ client, database });
    // A stage that names the server it runs on.
    for (const replica of [...TAGS, ...TAGS]) {
      const whoAmI = definePipelineClass<void, { host: string }>({
        name: 'whoAmI',
        collection: 'a',
        pipeline: [{ $indexStats: {} }, { $project: { host: 1 } }],
        members: [{ replica }],
      });
      const { rows, member } = await cache.read(whoAmI);
      const port = rows[0]?.host.split(':').at(-1);
      expect(member?.address.split(':').at(-1)).toBe(port);
      expect(member?.tags).toMatchObject({ replica });
    }
  });
});

describe('a client', () => {
  it('that is not connected yet is connected by the first read', async () => {
    const { database } = await open();
    const client = new MongoClient(uri);
    const cache = openCache({ client, database: database.databaseName });
    const { member } = await cache.read(from([{ replica: 'replica2' }]));
    expect(member?.tags).toMatchObject({ replica: 'replica2' });
    await cache.close();
    await client.close();
  });

  it('that reaches nobody is given up on after the time set for it', async () => {
    const client = new MongoClient('mongodb://127.0.0.1:1/?replicaSet=nowhere');
    const cache = openCache({ client, database: 'shop', selectionTimeoutMs: 200 });
    const startedAt = performance.now();
    await expect(cache.read(from([]))).rejects.toMatchObject({ code: 'NO_MEMBER' });
    // The driver alone would have waited 30 s.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    await cache.close();
    await client.close();
  });

  it('of a single server is read as it is', async () => {
    const { database, sent } = await open();
    const [address] = uri.replace('mongodb://', '').split(',');
    const { client } = await openClient(`mongodb://${address}/?directConnection=true`);
    const cache = openCache({ client, database: database.databaseName });
    const { rows, member } = await cache.read(from([{ replica: 'nobody' }]));
    expect(rows).toHaveLength(2);
    expect(member?.address).toBe(address);
    expect(sent).toHaveLength(0);
  });
});

describe('a question that the database refuses', () => {
  it('is an error with the code of the server, asked once, and no mark against the member', async () => {
    const { sent, cache } = await open();
    const bad = definePipelineClass({
      name: 'bad',
      collection: 'contracts',
      pipeline: [{ $noSuchStage: {} }],
      negativeMs: 0,
      members: [{ replica: 'replica1' }, { replica: 'replica2' }],
    });
    for (let round = 0; round < 5; round += 1) {
      await expect(cache.read(bad)).rejects.toMatchObject({
        code: 'QUERY_FAILED',
        details: { pipelineClass: 'bad', serverCode: 40324 },
      });
    }
    expect(sent).toHaveLength(5);
    expect(new Set(cache.stats().members.map(({ breaker }) => breaker))).toEqual(
      new Set(['closed']),
    );
  });

  it('for its time limit is an error, not asked of others, and no mark against the member', async () => {
    const { database, sent, cache } = await open();
    const many = Array.from({ length: 3_000 }, (_, n) => ({ n }));
    await insertEverywhere(database, 'many', many);
    const slow = definePipelineClass({
      name: 'slow',
      collection: 'many',
      pipeline: [
        { $lookup: { from: 'many', as: 'all', pipeline: [{ $match: { n: { $gt: -1 } } }] } },
        { $unwind: '$all' },
        { $group: { _id: { $mod: ['$all.n', 7] }, total: { $sum: '$all.n' } } },
      ],
      members: [{ replica: 'replica1' }, { replica: 'replica2' }],
      maxTimeMs: 20,
      negativeMs: 0,
    });
    sent.length = 0;
    for (let round = 0; round < 4; round += 1) {
      await expect(cache.read(slow)).rejects.toMatchObject({
        code: 'MAX_TIME_EXCEEDED',
        details: { pipelineClass: 'slow', maxTimeMs: 20 },
      });
    }
    expect(sent).toHaveLength(4);
    expect(new Set(cache.stats().members.map(({ breaker }) => breaker))).toEqual(
      new Set(['closed']),
    );
  });
});

describe('a cache', () => {
  it.each([
    [{ database: '' }, 'database'],
    [{ memory: { maxBytes: 1 } }, 'memory.maxBytes'],
    [{ heartbeatMs: 1.5 }, 'heartbeatMs'],
    [{ lagBudgetMs: 0 }, 'lagBudgetMs'],
    [{ lagBudgetMs: 999 }, 'lagBudgetMs'],
    [{ lagProbeMs: 99 }, 'lagProbeMs'],
    [{ primaryShare: 1.1 }, 'primaryShare'],
    [{ remote: {} }, 'remote'],
    [{ client: {} }, 'client'],
    [{ clock: {} }, 'clock'],
    [{ surprise: 1 }, 'surprise'],
  ])('with an impossible option is refused: %o', (bad, option) => {
    const client = new MongoClient('mongodb://127.0.0.1:1');
    expect(() => new AggregationCache({ client, database: 'a', ...bad } as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: expect.objectContaining({ option }),
      }),
    );
  });
});
