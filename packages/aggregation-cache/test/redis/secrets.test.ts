import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { expect, inject, it, onTestFinished } from 'vitest';
import {
  AggregationCache,
  type AggregationCacheEvents,
  definePipelineClass,
  isAggregationCacheError,
} from '../../src/index.js';
import { createRedisRemoteStore } from '../../src/stores/redis/index.js';
import {
  insertEverywhere,
  openCache,
  openClient,
  openDatabase,
  openStore,
} from '../support/open-cache.js';
import { soon } from '../support/soon.js';

const SECRET = 'AE070331234567890123456';

/** Everything a log could be given of a value, also what lies in it as bytes. */
const exposed = (value: unknown): string => {
  const shown = [
    inspect(value, { depth: 20, showHidden: true, maxArrayLength: null, maxStringLength: null }),
    JSON.stringify(value),
  ];
  return shown.join('\n');
};
const asBytes = [...Buffer.from(SECRET)].join(',');
const asHex = Buffer.from(SECRET).toString('hex').match(/../g)?.join(' ') ?? '';

it('rows are in no event when Redis refuses to store them', async () => {
  const { client } = await openClient(inject('mongodbUri'));
  const database = openDatabase(client);
  await insertEverywhere(database, 'accounts', [{ iban: SECRET }]);
  const keyPrefix = randomUUID();
  const remote = await openStore(inject('redisCacheUrl'), { keyPrefix, maxBytes: 65_536 });
  const cache = openCache({ client, database, remote });
  const redis = new Redis(inject('redisCacheUrl'));
  onTestFinished(() => redis.disconnect());
  // Of another type than the script expects, so that Redis refuses it with the command in its error.
  await redis.set(`{${keyPrefix}}:order`, 'x');
  const failures: AggregationCacheEvents['remoteFailed'][] = [];
  cache.events.on('remoteFailed', (event) => failures.push(event));
  const accounts = definePipelineClass({ name: 'accounts', collection: 'accounts', pipeline: [] });
  expect((await cache.read(accounts)).rows).toMatchObject([{ iban: SECRET }]);
  await soon(() => failures.length > 0, 'the failure');
  const cause = { name: 'ReplyError', message: expect.stringMatching(/^[A-Z]+$/) };
  expect(failures).toMatchObject([{ operation: 'store', reason: 'refused', error: { cause } }]);
  for (const secret of [SECRET, asBytes, asHex]) expect(exposed(failures)).not.toContain(secret);
});

it.each<[string, () => unknown]>([
  ['an unknown option', () => createRedisRemoteStore({ redis: {}, url: SECRET } as never)],
  [
    'a client of another kind',
    () => createRedisRemoteStore({ redis: { password: SECRET } } as never),
  ],
  ['a client that is a text', () => createRedisRemoteStore({ redis: SECRET } as never)],
  [
    'a database client of another kind',
    () => new AggregationCache({ client: { uri: SECRET } } as never),
  ],
  ['a database client that is a text', () => new AggregationCache({ client: SECRET } as never)],
  [
    'a number that is a text',
    () =>
      new AggregationCache({
        client: new MongoClient('mongodb://x'),
        database: 'a',
        heartbeatMs: SECRET,
      } as never),
  ],
  [
    'a choice',
    () =>
      definePipelineClass({ name: 'a', collection: 'b', pipeline: [], primary: SECRET as never }),
  ],
])('a secret is in no error about %s', (_, make) => {
  let thrown: unknown;
  try {
    make();
  } catch (error) {
    thrown = error;
  }
  expect(isAggregationCacheError(thrown, 'INVALID_OPTION')).toBe(true);
  expect(exposed(thrown) + String(thrown)).not.toContain(SECRET);
});
