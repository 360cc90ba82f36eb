import { randomUUID } from 'node:crypto';
import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  type Db,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  type MongoClient,
  type MongoClientOptions,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb';
import { describe, expect, inject, it } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import {
  insertEverywhere,
  openCache,
  openClient,
  openDatabase,
  openStore,
} from '../support/open-cache.js';

const bytes = Buffer.from('the bytes');
const subtypes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 128, 255];

/** One document for each thing that could be bent on its way through the tiers. */
const documents = Object.entries({
  objectId: new ObjectId(),
  dateBefore1970: new Date(-62_135_596_800_000),
  dateRangeEnds: [new Date(8.64e15), new Date(-8.64e15)],
  decimals: [Decimal128.fromString('1.0'), Decimal128.fromString('1.00')],
  decimalSpecial: ['NaN', 'Infinity', '-0', '1E+6144'].map((text) => Decimal128.fromString(text)),
  longs: [Long.MAX_VALUE, Long.MIN_VALUE, Long.fromString('9007199254740993'), Long.fromInt(5)],
  oneAsThree: [new Int32(1), new Double(1), Long.fromInt(1)],
  doubles: [-0, Number.NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308],
  binaries: subtypes.map((subtype) =>
    subtype === 3 || subtype === 4
      ? new Binary(Buffer.alloc(16, 7), subtype)
      : new Binary(bytes, subtype),
  ),
  uuid: new UUID(),
  timestamp: new Timestamp({ t: 4_294_967_295, i: 4_294_967_295 }),
  regExps: [/^a.b$/i, new BSONRegExp('x y', 'imsx')],
  keys: [new MinKey(), new MaxKey()],
  nullBesideMissing: [{ field: null }, {}],
  nested: [[[[]]], [{ a: [{ b: [] }] }], {}],
  keyOrder: { z: 1, a: 2, m: { y: 1, b: 2 } },
  oddKeys: { 'a.b': 1, $c: 2, '': 3, ключ: 4 },
  strings: ['', 'nul\u0000inside', '𝒳 astral 🎉', 'é vs e\u0301'],
  dbRef: new DBRef('users', new ObjectId(), 'shop'),
  code: [new Code('f()'), new Code('f()', { a: 1 })],
  symbol: new BSONSymbol('old'),
  booleans: [true, false],
  large: 'x'.repeat(300_000),
}).map(([name, value], index) => ({ _id: index, name, value }));

const insert = (database: Db) => insertEverywhere(database, 'types', documents);

const types = definePipelineClass({
  name: 'types',
  collection: 'types',
  pipeline: [{ $sort: { _id: 1 } }],
  members: [{ replica: 'replica1' }],
});

/** The driver's own answer to the same question. */
const own = (database: Db) =>
  database
    .collection('types')
    .aggregate([{ $sort: { _id: 1 } }])
    .toArray();

describe('rows of every type', () => {
  it.each<[string, MongoClientOptions]>([
    ['as the driver gives them', {}],
    ['as their own classes', { promoteValues: false }],
    ['with long integers kept', { promoteLongs: false }],
    ['with native big integers', { useBigInt64: true }],
    ['with regular expressions kept', { bsonRegExp: true }],
    ['with buffers', { promoteBuffers: true }],
  ])('are the same from a member, memory and Redis: %s', async (_, options) => {
    const { client } = await openClient(inject('mongodbUri'), options);
    const database = openDatabase(client);
    await insert(database);
    const keyPrefix = randomUUID();
    const start = async (own: MongoClient) =>
      openCache({
        client: own,
        database: own.db(database.databaseName),
        remote: await openStore(inject('redisCacheUrl'), { keyPrefix }),
      });
    const expected = await own(database);
    expect(expected).toHaveLength(documents.length);

    const one = await start(client);
    const fromMember = await one.read(types);
    expect(fromMember.source).toBe('member');
    expect(fromMember.rows).toEqual(expected);
    const fromMemory = await one.read(types);
    expect(fromMemory.source).toBe('memory');
    expect(fromMemory.rows).toBe(fromMember.rows);
    // Waits until it is stored.
    await one.close();

    const fromRedis = await (await start(client)).read(types);
    expect(fromRedis.source).toBe('remote');
    expect(fromRedis.rows).toEqual(expected);
  });

  it('have the very bytes in Redis that the member sent', async () => {
    const { client } = await openClient(inject('mongodbUri'), {
      promoteValues: false,
      bsonRegExp: true,
    });
    const database = openDatabase(client);
    await insert(database);
    const remote = await openStore(inject('redisCacheUrl'), { keyPrefix: randomUUID() });
    const one = openCache({ client, database, remote });
    await one.read(types);
    await one.close();
    const other = openCache({ client, database, remote });
    const { rows, source } = await other.read(types);
    expect(source).toBe('remote');
    const raw = await database
      .collection('types')
      .aggregate([{ $sort: { _id: 1 } }], { raw: true })
      .toArray();
    expect(rows.map((row) => Buffer.from(BSON.serialize(row)))).toEqual(
      raw.map((row) => Buffer.from(row as Uint8Array)),
    );
  });

  it('keep a document of nearly 16 MiB', { timeout: 30_000 }, async () => {
    const { client } = await openClient(inject('mongodbUri'));
    const database = openDatabase(client);
    const text = 'x'.repeat(16 * 1024 * 1024 - 100);
    await insertEverywhere(database, 'edge', [{ _id: 1, text }]);
    const edge = definePipelineClass({ name: 'edge', collection: 'edge', pipeline: [] });
    const keyPrefix = randomUUID();
    const remote = await openStore(inject('redisCacheUrl'), { keyPrefix, timeoutMs: 10_000 });
    const start = () => openCache({ client, database, remote, maxEntryBytes: 20 * 1024 * 1024 });
    const one = start();
    expect((await one.read(edge)).rows[0]?.text).toHaveLength(text.length);
    expect((await one.read(edge)).source).toBe('memory');
    await one.close();
    const { source, rows } = await start().read(edge);
    expect(source).toBe('remote');
    expect(rows[0]?.text === text).toBe(true);
  });
});
