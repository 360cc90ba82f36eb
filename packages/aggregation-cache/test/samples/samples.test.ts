import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { Binary, BSON, Decimal128, Long, ObjectId, Timestamp } from 'mongodb';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { Envelopes } from '../../src/rows/envelope.js';
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
  { note: 'the same again and again, '.repeat(20) },
].map((row) => BSON.serialize(row));

const content = {
  pipelineClass: 'contractDetails',
  version: 3,
  personal: false,
  key: 'm3RrqQ1vcWgNYPdVJcBvXHJYvTzhwUn9E5VqS2Zk7uA',
  generations: [
    ['*', '0123456789abcdef69561cc5a3c0f001'],
    ['c:shop.payments', 'fedcba987654321069561cc5a3c0e001'],
  ] as const,
  ttlMs: 60_000,
  freshMs: 50_000,
  costMs: 12,
  member: { address: 'db1.example:27017', tags: { replica: 'replica1' } },
  asOf: new Timestamp({ t: 1_767_323_045, i: 3 }),
};
const { personal: _, generations: pairs, ...header } = content;
const expected = (personal: boolean) => ({
  pipelineClass: { name: content.pipelineClass, version: content.version, personal },
  key: content.key,
  generations: pairs.map(([dependency, id]) => ({ dependency, id })),
});
const sealKeys = [{ id: '2026-01', key: Buffer.alloc(32, 0x5a) }];

describe('a value stored by format 2', () => {
  const envelopes = new Envelopes({ sealKeys, compress: { minBytes: 256 } });

  it.each([
    ['value-2.bin', false],
    ['value-2-deflate.bin', false],
    ['value-2-zstd.bin', false],
    ['value-2-sealed.bin', true],
  ])('is read: %s', async (name, personal) => {
    const opened = await envelopes.open(sample(name), expected(personal));
    if (!('rows' in opened)) throw new Error(JSON.stringify(opened));
    expect(opened.header).toEqual({ ...header, rows: 3 });
    expect(opened.rows.map((row) => Buffer.from(row))).toEqual(rows.map((row) => Buffer.from(row)));
  });

  it('is what is written today', async () => {
    const written = await new Envelopes({ compress: false }).write(content, rows);
    expect(written).toEqual(sample('value-2.bin'));
    const packed = await envelopes.write(content, rows);
    expect(packed[12]).toBe(sample('value-2-zstd.bin')[12]);
    const sealed = await envelopes.write({ ...content, personal: true }, rows);
    expect(sealed).toHaveLength(sample('value-2-sealed.bin').length);
  });
});

/** What announcement and keys both hold. */
const generations = [
  { dependency: '*', id: '0123456789abcdef69561cc5a3c0f001', after: undefined },
  {
    dependency: 'c:shop.payments',
    id: 'fedcba987654321069561cc5a3c0e001',
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

describe('an announcement of format 2', () => {
  it('is read', () => {
    expect(decodeMessage(sample('moved-2.bin'))).toEqual({
      position: { epoch: '0123456789abcdef69561cc5a3c0f001', sequence: 4_711 },
      generations: [generations[1], generations[0]],
    });
  });
});

describe('state and generations of format 2 in Redis', () => {
  const { state, generation } = JSON.parse(sample('generations-2.json').toString()) as {
    readonly state: Readonly<Record<string, string>>;
    readonly generation: string;
  };
  const bytes = Buffer.from(generation, 'base64');

  const plant = async (run?: string) => {
    const keyPrefix = randomUUID();
    const redis = new Redis(inject('redisCacheUrl'));
    onTestFinished(() => redis.disconnect());
    for (const [field, value] of Object.entries(state)) {
      await redis.hset(`{${keyPrefix}}:state`, field, Buffer.from(value, 'base64'));
    }
    await redis.set(`{${keyPrefix}}:g:c:shop.payments`, bytes);
    if (run !== undefined) await redis.hset(`{${keyPrefix}}:state`, 'run', run);
    return openStore(inject('redisCacheUrl'), { keyPrefix });
  };

  it('are read as they are while the server is the same run of itself', async () => {
    const redis = new Redis(inject('redisCacheUrl'));
    onTestFinished(() => redis.disconnect());
    const run = /^master_replid:(\w+)/m.exec(await redis.info('replication'))?.[1] ?? '';
    const store = await plant(run);
    expect(await store.generations(['*', 'c:shop.payments'])).toEqual(generations);
    expect(await store.position()).toEqual({ epoch: generations[0]?.id, sequence: 4_711 });
    // The newest time is that of what nobody has named.
    expect((await store.generations(['c:shop.other']))[0]?.after).toEqual(generations[1]?.after);
  });

  it('are under another epoch when it is not', async () => {
    const store = await plant();
    const [everything, payments] = await store.generations(['*', 'c:shop.payments']);
    expect(everything?.id).not.toBe(generations[0]?.id);
    expect(payments).toEqual(generations[1]);
  });

  it('are what is written today', () => {
    expect(encodeToken(generations[1]?.after)).toEqual(bytes.subarray(32));
  });
});
