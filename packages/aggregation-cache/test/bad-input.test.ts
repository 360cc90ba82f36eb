import { randomUUID } from 'node:crypto';
import { startStandAlone } from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import {
  type AggregationCacheEvents,
  type AggregationCacheOptions,
  defineFindClass,
  definePipelineClass,
} from '../src/index.js';
import {
  insertEverywhere,
  openCache,
  openClient,
  openDatabase,
  openStore,
} from './support/open-cache.js';
import { soon } from './support/soon.js';

const values = defineFindClass<void, { value: string }>({
  name: 'values',
  collection: 'values',
  projection: { _id: 0 },
});
const ROWS = [{ value: 'right' }];

const open = async (options: Partial<AggregationCacheOptions> = {}) => {
  const { client, sent } = await openClient(inject('mongodbUri'));
  const database = openDatabase(client);
  await insertEverywhere(database, 'values', ROWS);
  sent.length = 0;
  const cache = openCache({ client, database, ...options });
  return { client, database, cache, sent };
};

// Impossible numbers of classes and caches stand in `traps/impossible-options.test.ts`, all others beside the sources.
describe('an impossible class', () => {
  const good = { name: 'a', collection: 'a', pipeline: [] };

  it.each<[string, object, string, unknown, string]>([
    ['no collection', { collection: undefined }, 'collection', undefined, 'a text'],
    [
      'a tag without a value',
      { members: [{ replica: '' }] },
      'members.0.replica',
      'a blank text',
      'not blank',
    ],
    ['a tag that is no text', { members: [{ replica: 1 }] }, 'members.0.replica', 1, 'a text'],
    ['rows that end at once', { ttlMs: 0 }, 'ttlMs', 0, 'from 1 to 2592000000 (ms)'],
  ])('is refused when it is declared: %s', (_, bad, option, value, allowed) => {
    expect(() => definePipelineClass({ ...good, ...bad } as never)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        details: { option, value, allowed: expect.stringContaining(allowed) },
        message: expect.stringContaining(option),
      }),
    );
  });

  it('is refused at its first read, when the cache is what it does not go with', async () => {
    const { cache, sent } = await open({ lagProbeMs: 500 });
    const hasty = definePipelineClass({
      ...good,
      members: [{ replica: 'replica1' }],
      lagBudgetMs: 499,
    });
    await expect(cache.read(hasty)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option: 'lagBudgetMs', value: 499, allowed: expect.stringContaining('500') },
    });
    expect(sent).toEqual([]);
  });

  it('is refused at the start, by `ready`, when it does not go with the options of the cache', async () => {
    const { cache } = await open({ lagProbeMs: 1_000 });
    const hasty = definePipelineClass({ ...good, lagBudgetMs: 500 });
    await expect(cache.ready([hasty])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option: 'lagBudgetMs', value: 500 },
    });
  });

  it('is refused at its first read, when its breaker does not go with that of the cache', async () => {
    const { cache, sent } = await open();
    const breaker = { window: { kind: 'count', size: 2 } } as const;
    await expect(cache.read(definePipelineClass({ ...good, breaker }))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option: 'breaker.minimumCalls', value: 3 },
    });
    expect(sent).toEqual([]);
  });

  it.each([undefined, 'values', {}])('is none: %o', async (none) => {
    const { cache, sent } = await open();
    await expect(cache.read(none as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option: 'pipelineClass' },
    });
    expect(sent).toEqual([]);
  });

  it('is refused when its builder returns no stages', async () => {
    const { cache, sent } = await open();
    const forgetful = definePipelineClass({ ...good, pipeline: (() => undefined) as never });
    await expect(cache.read(forgetful)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option: 'pipeline', allowed: expect.stringContaining('stages') },
    });
    expect(sent).toEqual([]);
  });
});

describe('an invalidation', () => {
  it.each<[unknown, string]>([
    [undefined, 'options'],
    [{ tags: ['\ud800'] }, 'tags.0'],
    [{ collections: ['values'], after: {} }, 'after'],
  ])('that says nothing is refused: %o', async (invalidation, option) => {
    const { cache } = await open();
    await expect(cache.invalidate(invalidation as never)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option },
    });
  });
});

describe('parameters', () => {
  const byName = definePipelineClass<{ name: unknown }>({
    name: 'byName',
    collection: 'values',
    pipeline: ({ name }) => [{ $match: { name } }],
  });

  it('that do not fit their schema are refused, with where and why, and nothing is asked', async () => {
    const { cache, sent } = await open();
    const checked = definePipelineClass({
      name: 'checked',
      collection: 'values',
      params: z.object({ contract: z.number().max(9) }),
      pipeline: ({ contract }) => [{ $match: { contract } }],
    });
    await expect(cache.read(checked, { contract: 10 })).rejects.toMatchObject({
      code: 'INVALID_PARAMETERS',
      details: {
        pipelineClass: 'checked',
        issues: [{ path: 'contract', message: expect.stringContaining('9') }],
      },
    });
    expect(sent).toEqual([]);
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a text that is none', '\ud800'],
  ])('that cannot be in a key are a typed error, never a key: %s', async (_, name) => {
    const { cache, sent } = await open();
    await expect(cache.read(byName, { name })).rejects.toMatchObject({
      code: 'UNSUPPORTED_VALUE',
      details: { path: 'pipeline.0.$match.name' },
    });
    expect(sent).toEqual([]);
  });
});

describe('a result over the limit', () => {
  it('is answered and not stored, with an event', async () => {
    const remote = await openStore(inject('redisCacheUrl'), { keyPrefix: randomUUID() });
    const { cache, database } = await open({ remote, maxEntryBytes: 1_024 });
    await insertEverywhere(database, 'large', [{ text: 'x'.repeat(1_024) }]);
    const large = defineFindClass({ name: 'large', collection: 'large' });
    const told: AggregationCacheEvents['notStored'][] = [];
    cache.events.on('notStored', (event) => told.push(event));
    for (const _ of [1, 2]) {
      expect(await cache.read(large)).toMatchObject({ cache: 'MISS', rows: [{}] });
    }
    expect(told).toMatchObject([{ reason: 'tooLarge' }, { reason: 'tooLarge' }]);
    expect(cache.stats().memory.entries).toBe(0);
  });
});

describe('a Redis with what cannot be used', () => {
  const END_DIGITS = 16;

  /** The cache after another one has stored its answer, and somebody has spoilt it. */
  const openSpoilt = async (spoil: (redis: Redis, key: string) => Promise<unknown>) => {
    const url = inject('redisCacheUrl');
    const keyPrefix = randomUUID();
    const { cache, client, database } = await open({ remote: await openStore(url, { keyPrefix }) });
    await cache.read(values);
    const redis = new Redis(url);
    onTestFinished(() => redis.disconnect());
    const valueKeys = () => redis.keys(`{${keyPrefix}}:v3:*`);
    await soon(async () => (await valueKeys()).length === 1, 'the stored value');
    const [key = ''] = await valueKeys();
    await spoil(redis, key);
    const other = openCache({ client, database, remote: await openStore(url, { keyPrefix }) });
    const poisoned: string[] = [];
    other.events.on('poisoned', (event) => poisoned.push(event.reason));
    return { other, poisoned };
  };

  it.each<[string, (stored: Buffer) => Buffer, string]>([
    ["somebody else's data", () => Buffer.from('{"user":"somebody else"}'), 'foreign'],
    [
      'an older format',
      (stored) => Buffer.from(stored).fill(1, END_DIGITS + 4, END_DIGITS + 5),
      'format',
    ],
    ['a value that lost its end', (stored) => stored.subarray(0, -5), 'corrupt'],
    ['nothing but the beginning', (stored) => stored.subarray(0, END_DIGITS + 5), 'corrupt'],
    ['not even that', (stored) => stored.subarray(0, 5), 'foreign'],
  ])('is a miss and an event: %s', async (_, spoil, reason) => {
    const { other, poisoned } = await openSpoilt(async (redis, key) => {
      const stored = (await redis.getBuffer(key)) ?? Buffer.of();
      await redis.set(key, spoil(stored), 'KEEPTTL');
    });
    expect(await other.read(values)).toMatchObject({ cache: 'MISS', rows: ROWS });
    expect(poisoned).toEqual([reason]);
  });

  it('is a miss, and an event when it is replaced: a list', async () => {
    const { other, poisoned } = await openSpoilt(async (redis, key) => {
      await redis.del(key);
      await redis.rpush(key, 'somebody else');
    });
    expect(await other.read(values)).toMatchObject({ cache: 'MISS', rows: ROWS });
    await soon(() => poisoned.length > 0, 'the event');
    expect(poisoned).toEqual(['foreign']);
  });
});

describe('a server', () => {
  const noticesOf = (cache: Awaited<ReturnType<typeof open>>['cache']) => {
    const told: AggregationCacheEvents['topologyNoticed'][] = [];
    cache.events.on('topologyNoticed', (event) => told.push(event));
    return told;
  };
  const wanting = { ...values, members: [{ replica: 'nobody' }] };

  it('without a replica set is told of in one sentence, and serves', async () => {
    const server = await startStandAlone();
    onTestFinished(() => server.stop());
    const { client } = await openClient(server.uri);
    await client
      .db('alone')
      .collection('values')
      .insertMany(ROWS.map((row) => ({ ...row })));
    const cache = openCache({ client, database: 'alone' });
    const told = noticesOf(cache);
    for (const one of [wanting, values]) expect((await cache.read(one)).rows).toEqual(ROWS);
    expect(told).toMatchObject([
      { notice: 'standalone', message: expect.stringMatching(/^[^.]+\.$/) },
    ]);
  });

  it('without the wanted tags is told of in one sentence, and serves', async () => {
    const { cache } = await open();
    const told = noticesOf(cache);
    for (const _ of [1, 2]) expect((await cache.read(wanting)).rows).toEqual(ROWS);
    expect(told).toMatchObject([
      { notice: 'tagsMissing', message: expect.stringMatching(/^[^.]*"nobody"[^.]*\.$/) },
    ]);
  });
});
