import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { Binary, BSON, Decimal128, Long, ObjectId, Timestamp } from 'mongodb';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { openEnvelope, sealEnvelope } from '../../src/rows/envelope.js';
import { decodeMessage, encodeToken } from '../../src/stores/redis/generation-codec.js';
import { openStore } from '../support/open-cache.js';

const sample = (name: string) => readFileSync(new URL(name, import.meta.url));

const rows = [
  {
    _id: new ObjectId('65f0c0ffee0000000000abcd'),
    title: 'Kitchen, second floor',
    amount: Long.fromString('9007199254740993'),
    share: Decimal128.fromString('20.10'),
    signedAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
  },
  { _id: new ObjectId('65f0c0ffee0000000000abce'), payments: [{ minor: 14_950 }] },
].map((row) => BSON.serialize(row));

const header = {
  pipelineClass: 'contractDetails',
  version: 3,
  key: 'm3RrqQ1vcWgNYPdVJcBvXHJYvTzhwUn9E5VqS2Zk7uA',
  generations: [
    ['shop.contracts', '0123456789abcdef0120006521a3c0ff'],
    ['shop.payments', 'fedcba98765432100120006521a3c0fe'],
  ] as const,
  ttlMs: 60_000,
  member: { address: 'db1.example:27017', tags: { replica: 'replica1' } },
  asOf: new Timestamp({ t: 1_767_323_045, i: 3 }),
};

describe('a value stored by format 1', () => {
  const bytes = sample('value-1.bin');

  it('is read', () => {
    const opened = openEnvelope(bytes, header);
    if ('poisoned' in opened) throw new Error(opened.poisoned);
    expect(opened.header).toEqual({ ...header, rows: 2 });
    expect(opened.rows.map((row) => Buffer.from(row))).toEqual(rows.map((row) => Buffer.from(row)));
  });

  it('is what is written today', () => {
    expect(Buffer.from(sealEnvelope(header, rows))).toEqual(bytes);
  });
});

/** What announcement and hash both hold. */
const generations = [
  { namespace: 'shop.contracts', id: '0123456789abcdef0120006521a3c0ff', after: undefined },
  {
    namespace: 'shop.payments',
    id: 'fedcba98765432100120006521a3c0fe',
    after: {
      operationTime: new Timestamp({ t: 1_767_323_045, i: 3 }),
      clusterTime: {
        clusterTime: new Timestamp({ t: 1_767_323_045, i: 4 }),
        signature: {
          hash: new Binary(Buffer.alloc(20, 0xab)),
          keyId: Long.fromString('7300000000000000001'),
        },
      },
    },
  },
];

describe('an announcement of format 1', () => {
  it('is read', () => {
    expect(decodeMessage(sample('moved-1.bin'))).toEqual(generations);
  });
});

describe('generations of format 1 in Redis', () => {
  const fields = Object.entries(
    JSON.parse(sample('generations-1.json').toString()) as Record<string, string>,
  ).map(([field, value]) => [field, Buffer.from(value, 'base64')] as const);

  const plant = async () => {
    const keyPrefix = randomUUID();
    const redis = new Redis(inject('redisCacheUrl'));
    onTestFinished(() => redis.disconnect());
    const key = `{${keyPrefix}}:generations`;
    for (const [field, value] of fields) await redis.hset(key, field, value);
    return { keyPrefix, redis, key };
  };

  it('are read as they are while the server is the same run of itself', async () => {
    const { keyPrefix, redis, key } = await plant();
    const run = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1] ?? '';
    await redis.hset(key, '@run', run);
    const store = await openStore(inject('redisCacheUrl'), { keyPrefix });
    expect(await store.generations(['shop.contracts', 'shop.payments'])).toEqual(generations);
  });

  it('keep their times, and get other ids, when it is not', async () => {
    const { keyPrefix } = await plant();
    const store = await openStore(inject('redisCacheUrl'), { keyPrefix });
    const read = await store.generations(['shop.contracts', 'shop.payments']);
    expect(read.map(({ after }) => after)).toEqual(generations.map(({ after }) => after));
    for (const [index, { id }] of read.entries()) expect(id).not.toBe(generations[index]?.id);
  });

  it('are what is written today', () => {
    const [, payments] = generations;
    const stored = Object.fromEntries(fields)['shop.payments'];
    expect(encodeToken(payments?.after)).toEqual(stored?.subarray(32));
  });
});
