import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '@nestcms/circuit-breaker';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import type {} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { makeReconcile } from '../src/cli/reconcile/reconcile.js';
import { type Drivers, installed } from '../src/cli/store/open-store.js';
import { type Intent, type IntentStore, money } from '../src/index.js';
import { MongoIntentStore } from '../src/stores/mongodb/index.js';
import { RedisIntentStore } from '../src/stores/redis/index.js';
import { muteWarnings } from './redis-intent-store.js';
import { notSent, sampleIntent } from './sample-intent.js';
import { closedUrl, runCommand } from './with-cli.js';
import {
  intentOf,
  openPage,
  paidSale,
  remembered,
  soon,
  startPair,
  stateOf,
  unknownEnd,
} from './with-simulator.js';

muteWarnings();

/** As long as it takes until everything is due. */
const laterMs = 600_000;

const laterBy = (ms: number): Clock => ({
  now: () => systemClock.now(),
  wallTime: () => systemClock.wallTime() + ms,
  setTimer: systemClock.setTimer.bind(systemClock),
});
const later = laterBy(laterMs);
const muchLater = laterBy(2 * laterMs);

interface Place {
  readonly store: IntentStore;
  readonly args: readonly string[];
}

let mongo: MongoClient;
const database = `paytabs_${randomUUID().slice(0, 8)}`;
beforeAll(async () => {
  mongo = await MongoClient.connect(inject('mongodbUri'));
});
afterAll(async () => {
  await mongo.db(database).dropDatabase();
  await mongo.close();
});

function inMongo(): Place {
  const collectionName = randomUUID();
  const store = new MongoIntentStore({ db: mongo.db(database), collectionName });
  const names = ['--database', database, '--collection', collectionName];
  return { store, args: ['--mongodb', inject('mongodbUri'), ...names] };
}

function inRedis(): Place {
  const url = inject('redisStateUrl');
  const redis = new Redis(url);
  const prefix = `test-${randomUUID()}`;
  onTestFinished(async () => {
    const keys = await redis.keys(`${prefix}*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
  });
  const store = new RedisIntentStore({ redis, keyPrefix: prefix });
  return { store, args: ['--redis', url, '--prefix', prefix] };
}

interface Cli {
  readonly env?: Record<string, string>;
  readonly clock?: Clock;
  readonly drivers?: Drivers;
  readonly signal?: AbortSignal;
  readonly onPrint?: (line: string) => void;
}

/** A shop whose store is on a server, and the command line beside it. */
async function startShop(place: Place) {
  const pair = await startPair({ client: { intents: place.store, maxAttempts: 1 } });
  const { simulator } = pair;
  const settings = {
    PAYTABS_PROFILE_ID: String(simulator.profileId),
    PAYTABS_SERVER_KEY: simulator.serverKey,
    PAYTABS_BASE_URL: simulator.baseUrl,
  };
  const reconcile = async (
    args: readonly string[] = [],
    { env = {}, clock = later, drivers = installed, ...more }: Cli = {},
  ) => {
    const command = makeReconcile({ clock, drivers });
    const run = await runCommand(command, [...place.args, ...args], {
      env: { ...settings, ...env },
      ...more,
    });
    expect(run.out + run.err).not.toContain(simulator.serverKey);
    return run;
  };
  return { ...pair, store: place.store, reconcile, settings };
}

const begun = (more: Partial<Intent> = {}): Intent => ({ ...sampleIntent, ...more });

describe.each([
  ['MongoDB', inMongo],
  ['Redis', inRedis],
])('reconcile over %s', (_, open) => {
  it('finds out what became of a lost page and of a lost refund, and the shop is still told', async () => {
    const shop = await startShop(open());
    const { simulator, client, store, reconcile } = shop;
    const sale = await paidSale(shop);
    simulator.faults.add({ kind: 'reset', route: 'request', when: 'after' });
    const refund = { tranRef: sale.tranRef, cartId: `${sale.cartId}-r`, description: 'Returned' };
    await unknownEnd(client.refund({ ...refund, amount: money(4950n, 'AED') }));

    const { code, out, err } = await reconcile();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [of] = out.split('\n').filter((line) => line.startsWith(`${sale.cartId} `));
    expect(of).toBe(
      `${sale.cartId}  sale  149.50 AED  pageOpen (${sale.tranRef}) → done (sale A, ${sale.tranRef})`,
    );
    expect(out).toMatch(/-r {2}refund {2}49\.50 AED {2}unknown \(noAnswer\) → done \(refund A, /);

    const ended = await intentOf(store, sale.cartId);
    expect(ended).toMatchObject({ state: { name: 'done' }, acknowledged: false });
    expect((await remembered(store)).sort()).toEqual([sale.cartId, refund.cartId].sort());
  });

  it('asks about nothing before it is due, and writes nothing when it only lists', async () => {
    const shop = await startShop(open());
    const { simulator, client, store, reconcile } = shop;
    const page = await openPage(client);
    const asked = () => simulator.requests().filter(({ path }) => path === '/payment/query');

    const early = await reconcile([], { clock: systemClock });
    expect(early).toEqual({ code: 0, out: '', err: 'Nothing is due.' });
    const listed = await reconcile(['--dry-run', '--json'], { clock: systemClock });
    const [row, ...more] = listed.out.split('\n').map((line) => JSON.parse(line) as object);
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      cartId: page.cartId,
      operation: 'createHostedPage',
      type: 'sale',
      amount: { minor: 14950, currency: 'AED' },
      before: { name: 'pageOpen', tranRef: page.tranRef },
      ended: false,
      told: false,
      dueAt: expect.any(String),
    });
    expect(asked()).toEqual([]);
    expect(await intentOf(store, page.cartId)).toMatchObject({ revision: 1 });
  });

  it('asks about one, due or not', async () => {
    const shop = await startShop(open());
    const sale = await paidSale(shop);
    const other = await paidSale(shop);
    const run = await shop.reconcile(['--cart', sale.cartId, '--json'], { clock: systemClock });
    expect(run.code).toBe(0);
    expect(JSON.parse(run.out)).toMatchObject({
      before: { name: 'pageOpen' },
      after: { name: 'done', seen: { tranRef: sale.tranRef, total: { minor: 14950 } } },
      ended: true,
    });
    expect(await stateOf(shop.store, other.cartId)).toMatchObject({ name: 'pageOpen' });
    const unknown = await shop.reconcile(['--cart', 'nobody']);
    expect(unknown).toMatchObject({ code: 1, err: 'There is no such reference in the store.' });
  });
});

describe('reconcile', () => {
  it('leaves an end to the process of the shop, which takes it', async () => {
    const shop = await startShop(inMongo());
    const sale = await paidSale(shop);
    await shop.reconcile();
    const again = await shop.reconcile([], { clock: muchLater });
    expect(again.out).toContain('not yet told to the shop');
    const heard: string[] = [];
    const { client: other } = await startPair({
      client: { intents: shop.store, clock: muchLater },
    });
    await other.reconcile({ onEnded: ({ intent }) => void heard.push(intent.cartId) });
    expect(heard).toEqual([sale.cartId]);
    const told = await shop.reconcile(['--dry-run']);
    expect(told).toEqual({ code: 0, out: '', err: 'Nothing is open or untold.' });
  });

  it('says which it could not ask about, and fails', async () => {
    const shop = await startShop(inMongo());
    const { cartId } = await paidSale(shop);
    await shop.simulator.refuseConnections();
    const { code, out } = await shop.reconcile(['--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      cartId,
      error: expect.stringContaining('The gateway could not answer'),
    });
  });

  it('says what needs a person: another amount, and money after an end without', async () => {
    const shop = await startShop(inMongo());
    const sale = await paidSale(shop);
    const place = inMongo();
    const now = { begunAt: new Date(), sendBefore: new Date(), since: new Date() };
    await place.store.begin(begun({ ...now, cartId: sale.cartId, amount: money(1n, 'AED') }));
    const disputed = await reconcileOver(place, shop.settings);
    expect(disputed.code).toBe(1);
    expect(disputed.out).toContain('→ disputed (otherAmount');

    const ended = begun({ ...now, cartId: sale.cartId });
    const other = inMongo();
    await other.store.begin(ended);
    await other.store.replace(notSent(ended));
    const corrected = await reconcileOver(other, shop.settings, ['--cart', sale.cartId]);
    expect(corrected).toMatchObject({ code: 1, err: expect.stringContaining('tell a person') });
    expect(corrected.out).toContain('notSent → done');
  });

  it('takes nothing from not finding what its sender may be sending', async () => {
    const place = inMongo();
    const shop = await startShop(place);
    const now = new Date();
    const dueAt = new Date(now.getTime() + 60_000);
    await place.store.begin(begun({ cartId: 'under-way', begunAt: now, since: now, dueAt }));
    const run = await shop.reconcile(['--cart', 'under-way'], { clock: systemClock });
    expect(run).toMatchObject({ code: 0, out: expect.stringContaining('begun → begun') });
  });

  it('says which cannot be read, for nobody asks about them', async () => {
    const place = inMongo();
    const shop = await startShop(place);
    const [, , , , , collection = ''] = place.args;
    const junk = { profileId: 98765, v: 2, dueAt: new Date(0) };
    await mongo
      .db(database)
      .collection<{ _id: string }>(collection)
      .insertOne({
        _id: '98765:broken',
        ...junk,
      });
    const { code, err } = await shop.reconcile();
    expect(code).toBe(1);
    expect(err).toContain('broken: cannot be read');
  });

  it('says why the store could not be read', async () => {
    const place = inRedis();
    const shop = await startShop(place);
    const redis = new Redis(inject('redisStateUrl'));
    onTestFinished(() => redis.disconnect());
    await redis.set(`${place.args.at(-1)}:{98765}:due:2`, 'no sorted set');
    const run = await shop.reconcile();
    expect(run).toMatchObject({ code: 1, err: expect.stringContaining('WRONGTYPE') });
  });

  it('that was stopped before it had asked is not well', async () => {
    const shop = await startShop(inMongo());
    await paidSale(shop);
    const run = await shop.reconcile([], { signal: AbortSignal.abort() });
    expect(run).toMatchObject({ code: 1, out: '' });
  });

  it('says that there may be more than the limit', async () => {
    const shop = await startShop(inMongo());
    await paidSale(shop);
    await paidSale(shop);
    const { code, out, err } = await shop.reconcile(['--limit', '1']);
    expect(code).toBe(1);
    expect(out.split('\n')).toHaveLength(1);
    expect(err).toContain('more than --limit');
  });

  it('goes by the rules of the shop, and believes no answer of the other mode', async () => {
    const place = inMongo();
    const shop = await startShop(place);
    await place.store.begin(begun({ cartId: 'lost', operation: 'refund', type: 'refund' }));
    const args = ['--rule', 'notFoundAfterMs=1', '--rule', 'minimumChecks=1'];
    expect((await shop.reconcile()).out).toContain('begun → unknown (senderGone)');
    const again = await shop.reconcile(args, { clock: muchLater });
    expect(again.out).toContain('unknown (senderGone) → notFound');

    const sale = await paidSale(shop);
    const live = await shop.reconcile(['--cart', sale.cartId, '--expect', 'live']);
    expect(live).toMatchObject({ code: 1, out: expect.stringContaining('live is expected') });
    expect(await stateOf(shop.store, sale.cartId)).toMatchObject({ name: 'pageOpen' });
  });
});

/** The command line over another store, with the same gateway. */
const reconcileOver = (
  place: Place,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
) =>
  runCommand(makeReconcile({ clock: later, drivers: installed }), [...place.args, ...args], {
    env,
  });

describe('reconcile --watch', () => {
  it('goes round until it is stopped, and tells only what is new', async () => {
    const shop = await startShop(inMongo());
    const first = await paidSale(shop);
    const clock = new ManualClock({ wallTime: Date.now() + laterMs });
    const stopping = new AbortController();
    const lines: string[] = [];
    const onPrint = (line: string) => void lines.push(line);
    const work = shop.reconcile(['--watch', '--every', '5'], {
      clock,
      signal: stopping.signal,
      onPrint,
    });
    const isWaiting = () => clock.pendingTimers === 1;
    await soon(() => lines.length === 1 && isWaiting());
    const second = await paidSale(shop);
    clock.advance(laterMs);
    await soon(() => lines.length === 3 && isWaiting());
    clock.advance(5_000);
    await soon(isWaiting);
    stopping.abort();
    expect(await work).toMatchObject({ code: 0, err: '' });
    expect(lines.map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining([first.cartId, second.cartId]),
    );
    expect(lines).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on after a round that failed', async () => {
    const shop = await startShop(inMongo());
    await paidSale(shop);
    await shop.simulator.refuseConnections();
    const clock = new ManualClock({ wallTime: Date.now() + laterMs });
    const stopping = new AbortController();
    const lines: string[] = [];
    const work = shop.reconcile(['--watch', '--rule', 'pageCheckMs=1'], {
      clock,
      signal: stopping.signal,
      onPrint: (line) => void lines.push(line),
    });
    // The client's waits before further tries are on the same clock.
    await soon(() => {
      clock.advance(1_000);
      return lines.length > 0;
    });
    expect(lines[0]).toContain('The gateway could not answer');
    await shop.simulator.acceptConnections();
    await soon(() => {
      clock.advance(60_000);
      return lines.some((line) => line.includes('→ done'));
    });
    stopping.abort();
    expect(await work).toMatchObject({ code: 0 });
  });
});

describe('the command line of reconcile', () => {
  const env = {
    PAYTABS_PROFILE_ID: '98765',
    PAYTABS_SERVER_KEY: 'SSIMULATOR-LOCALONLY0-NOTASECRET',
    PAYTABS_BASE_URL: 'http://127.0.0.1:1',
  };
  const absent = async () => {
    throw Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' });
  };

  it.each([
    ['--mongodb', 'mongodb://127.0.0.1/shop', 'npm install mongodb'],
    ['--redis', 'redis://127.0.0.1/', 'npm install ioredis'],
  ])('says what to install for %s', async (flag, url, says) => {
    const drivers = { mongodb: absent, ioredis: absent };
    const run = await runCommand(makeReconcile({ clock: later, drivers }), [flag, url], { env });
    expect(run).toEqual({ code: 1, out: '', err: `The driver is not installed: ${says}` });
  });

  it.each([
    [[], 'either --mongodb or --redis'],
    [['--mongodb', 'mongodb://a', '--redis', 'redis://b'], 'either --mongodb or --redis'],
    [['--mongodb', 'http://me:s3cret@host'], '--mongodb must be a URL'],
    [['--mongodb', 'mongodb://me:s3:cret@host:port/shop'], '--mongodb: '],
    [['--mongodb', 'mongodb://me:s3@cret@host/shop'], '--mongodb: '],
    [['--redis', 'me:s3cret@host'], '--redis must be a URL'],
    [['--redis', 'redis://b', '--collection', 'c'], 'go with --mongodb'],
    [['--mongodb', 'mongodb://a/b', '--prefix', 'c'], 'goes with --redis'],
    [['--mongodb', 'mongodb://me:s3cret@host'], 'Say which database'],
    [['--mongodb', 'mongodb://me:s3cret@host/?w=1'], 'Say which database'],
    [['mongodb://me:s3cret@host'], 'an argument too many'],
    [['--redis', 'redis://b', '--every', '5'], '--every needs --watch'],
    [['--redis', 'redis://b', '--watch', '--dry-run'], '--watch goes with neither'],
    [['--redis', 'redis://b', '--watch', '--every', '0'], '--every must be'],
    [['--redis', 'redis://b', '--limit', '0'], '--limit must be'],
    [['--redis', 'redis://b', '--rule', 'x'], '--rule must be'],
  ])('refuses %j', async (args, says) => {
    const { code, err } = await runCommand(makeReconcile(), args, { env });
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(err).not.toMatch(/s3/);
  });

  it.each([
    [['--mongodb', 'mongodb://127.0.0.1/shop', '--collection', ''], 'must not be empty'],
    [['--redis', 'redis://127.0.0.1/', '--prefix', '{a}'], 'keyPrefix: must be'],
  ])('refuses names that no store takes, such as %j', async (args, says) => {
    const run = await runCommand(makeReconcile(), args, { env });
    expect(run).toMatchObject({ code: 2, err: expect.stringContaining(says) });
  });

  it('refuses rules and keys that the client refuses', async () => {
    const shop = await startShop(inMongo());
    const rule = await shop.reconcile(['--rule', 'notAllThat=1']);
    expect(rule).toMatchObject({ code: 2, err: expect.stringContaining('notAllThat') });
    const key = await shop.reconcile([], { env: { PAYTABS_SERVER_KEY: 'CABC-DEF-GHI' } });
    expect(key).toMatchObject({ code: 2, err: expect.stringContaining('client key') });
    expect(key.err).not.toContain('CABC-DEF-GHI');
  });

  it('takes the URL from the environment, and shows no password when nobody is there', async () => {
    const { host } = new URL(await closedUrl());
    const urls = [
      { PAYTABS_REDIS_URL: `redis://me:s3cret@${host}` },
      { PAYTABS_MONGODB_URL: `mongodb://me:s3cret@${host}/shop?serverSelectionTimeoutMS=200` },
    ];
    for (const url of urls) {
      const run = await runCommand(makeReconcile(), [], { env: { ...env, ...url } });
      expect(run).toMatchObject({ code: 1, err: expect.stringContaining('ECONNREFUSED') });
      expect(run.err).not.toMatch(/s3cret|me:/);
    }
  });

  it('shows no password that a driver would show', async () => {
    const url = 'redis://me:s3cret@host';
    class Redis {
      constructor() {
        throw new Error(`${url} is not understood`);
      }
    }
    const drivers = { ...installed, ioredis: async () => ({ Redis }) as never };
    const command = makeReconcile({ clock: later, drivers });
    const run = await runCommand(command, ['--redis', url], { env });
    expect(run).toMatchObject({ code: 2, err: expect.stringContaining('is not understood') });
    expect(run.err).not.toMatch(/s3cret/);
  });

  it('shows no password that the server refuses', async () => {
    const url = inject('mongodbUri').replace('://', '://me:s3cret@');
    const run = await runCommand(makeReconcile(), ['--mongodb', url, '--database', 'shop'], {
      env,
    });
    expect(run).toMatchObject({ code: 1, err: expect.stringContaining('cannot be reached') });
    expect(run.err).not.toMatch(/s3cret/);
  });
});
