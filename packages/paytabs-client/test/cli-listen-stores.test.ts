import { randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { MongoClient } from 'mongodb';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { makeListen } from '../src/cli/listen/listen.js';
import type { IntentStore } from '../src/index.js';
import { MongoIntentStore } from '../src/stores/mongodb/index.js';
import { RedisIntentStore } from '../src/stores/redis/index.js';
import { connect } from './redis-intent-store.js';
import { startVerifyingShop } from './verifying-shop.js';
import { startCli } from './with-cli.js';
import { openPage, soon, startPair } from './with-simulator.js';

interface ShopStore {
  readonly intents: IntentStore;
  readonly args: readonly string[];
}

async function inMongo(): Promise<ShopStore> {
  const uri = inject('mongodbUri');
  const mongo = await MongoClient.connect(uri);
  const database = `paytabs_${randomUUID().slice(0, 8)}`;
  const db = mongo.db(database);
  onTestFinished(async () => {
    await db.dropDatabase();
    await mongo.close();
  });
  const intents = new MongoIntentStore({ db, collectionName: 'shopIntents' });
  return {
    intents,
    args: ['--mongodb', uri, '--database', database, '--collection', 'shopIntents'],
  };
}

async function inRedis(): Promise<ShopStore> {
  const url = inject('redisStateUrl');
  const redis = connect(url);
  const prefix = `test-${randomUUID()}`;
  onTestFinished(async () => {
    const keys = await redis.keys(`*${prefix}*`);
    if (keys.length > 0) await redis.del(keys);
  });
  const intents = new RedisIntentStore({ redis, keyPrefix: prefix });
  return { intents, args: ['--redis', url, '--prefix', prefix] };
}

const envOf = ({
  baseUrl,
  profileId,
  serverKey,
}: Record<'baseUrl' | 'serverKey', string> & { profileId: number }) => ({
  PAYTABS_BASE_URL: baseUrl,
  PAYTABS_PROFILE_ID: String(profileId),
  PAYTABS_SERVER_KEY: serverKey,
});

describe('listen with the store of a shop', () => {
  it.each([
    ['MongoDB', inMongo],
    ['Redis', inRedis],
  ])('in %s finds a page that was opened elsewhere, and brings its payment', async (_, open) => {
    const { intents, args } = await open();
    const { simulator, client } = await startPair({ client: { intents } });
    const shop = await startVerifyingShop({ keys: [simulator.serverKey] });
    const clock = new ManualClock({ wallTime: Date.now() });
    const run = startCli(['listen', '--forward-to', shop.callbackUrl, ...args], {
      commands: [makeListen({ clock, input: () => new PassThrough() })],
      env: envOf(simulator),
    });
    await soon(() => clock.pendingTimers > 0);
    const page = await openPage(client);
    await simulator.pay(page.redirectUrl);
    clock.advance(5_000);
    await soon(() => shop.notices.length > 0);
    expect(shop.notices).toMatchObject([
      { kind: 'reportedPaid', payload: { tranRef: page.tranRef, cartId: page.cartId } },
    ]);
    await soon(() => clock.pendingTimers > 0);
    run.interrupt();
    expect(await run.code).toBe(0);
    expect(run.said()).not.toContain(args[1]);
  });

  it.each([
    ['mongodb://shop:secret@127.0.0.1:9/shop?authMechanism=NOPE', 2],
    ['mongodb://shop:secret@127.0.0.1:9/shop?serverSelectionTimeoutMS=100', 1],
    ['redis://shop:secret@127.0.0.1:9/', 1],
    ['mongodb://shop:secret@127.0.0.1:9/', 2],
    ['redis:secret', 2],
  ])('ends when the store at %s cannot be opened, and shows no password', async (url, code) => {
    const { simulator } = await startPair();
    const name = url.startsWith('redis') ? '--redis' : '--mongodb';
    const run = startCli(['listen', '--forward-to', 'http://127.0.0.1:3000/', name, url], {
      commands: [makeListen({ input: () => new PassThrough() })],
      env: envOf(simulator),
    });
    expect(await run.code).toBe(code);
    expect(run.err).toHaveLength(1);
    expect(run.said()).not.toContain('secret');
  });
});
