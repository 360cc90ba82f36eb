import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';
import { type AggregationCacheEvents, definePipelineClass } from '../../src/index.js';
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
