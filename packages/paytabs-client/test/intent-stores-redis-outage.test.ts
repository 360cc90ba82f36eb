import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  startFaultProxy,
  startRedis,
  until,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isPayTabsError } from '../src/index.js';
import { RedisIntentStore } from '../src/stores/redis/index.js';
import { startIntentTraffic } from './intent-traffic.js';
import { muteWarnings } from './redis-intent-store.js';
import { sampleIntent as intent, notSent } from './sample-intent.js';
import { pageRequest, startPair } from './with-simulator.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';
const timeoutMs = 300;
/** What a busy machine may add. */
const slackMs = 2_500;
const patience = { timeout: 20_000 };
const onDisk = ['--appendonly', 'yes', '--appendfsync', 'always'];

const start = async (args: readonly string[] = onDisk): Promise<RedisServer> => {
  const server = await startRedis({ args });
  onTestFinished(() => server.stop());
  return server;
};
const connect = (url: string, options: object = {}): Redis => {
  const redis = new Redis(url, { retryStrategy: () => 20, ...options });
  redis.on('error', () => {});
  onTestFinished(() => redis.disconnect());
  return redis;
};

muteWarnings();

describe.skipIf(usesForeignServers)(`a Redis that goes away in the middle${foreign}`, () => {
  const outages = [
    {
      what: 'killed',
      goAway: (server: RedisServer) => server.kill(),
      comeBack: (server: RedisServer) => server.restart(),
    },
    {
      what: 'frozen',
      goAway: (server: RedisServer) => server.freeze(),
      comeBack: (server: RedisServer) => server.thaw(),
    },
  ];
  const clients = [
    { client: 'gives up at once', options: { maxRetriesPerRequest: 0 } },
    { client: 'tries and queues for ever', options: { maxRetriesPerRequest: null } },
    { client: 'queues nothing', options: { enableOfflineQueue: false } },
  ];
  it.each(outages.flatMap((outage) => clients.map((client) => ({ ...outage, ...client }))))(
    'as it is $what, with a client that $client: one winner each, nothing lost, every call ends in time',
    async ({ goAway, comeBack, options }) => {
      const server = await start();
      const open = () => new RedisIntentStore({ redis: connect(server.url, options), timeoutMs });
      const traffic = startIntentTraffic([open(), open()]);
      onTestFinished(() => traffic.stop());
      await expect.poll(() => traffic.wonSince(0), patience).toBeGreaterThan(50);
      await goAway(server);
      const goneAt = performance.now();
      await expect.poll(() => traffic.failedSince(goneAt), patience).toBeGreaterThan(10);
      await comeBack(server);
      const backAt = performance.now();
      await expect.poll(() => traffic.wonSince(backAt), patience).toBeGreaterThan(50);
      await traffic.stop();
      const failures = traffic.calls.flatMap(({ error }) => error ?? []);
      const codes = new Set(failures.map((error) => isPayTabsError(error) && error.code));
      expect(codes).toEqual(new Set(['INTENT_STORE_FAILED', 'REFERENCE_REUSED']));
      const slowest = Math.max(...traffic.calls.map(({ tookMs }) => tookMs));
      expect(slowest).toBeLessThan(timeoutMs + slackMs);
      const after = new RedisIntentStore({ redis: connect(server.url) });
      expect(await traffic.faults(after)).toEqual([]);
    },
    60_000,
  );

  it('may carry out later what it was sent: the intent is there then, and the reference used', async () => {
    const server = await start();
    const store = new RedisIntentStore({ redis: connect(server.url), timeoutMs });
    await store.checkServer(intent);
    await server.freeze();
    await expect(store.begin(intent)).rejects.toMatchObject({
      code: 'INTENT_STORE_FAILED',
      message: expect.stringContaining('may still be carried out'),
    });
    await server.thaw();
    await expect.poll(() => store.find(intent), patience).toEqual(intent);
    await expect(store.begin(intent)).rejects.toMatchObject({ code: 'REFERENCE_REUSED' });
    const { profileId } = intent;
    expect(await store.listDue({ profileId, dueBefore: new Date('2026-09-14') })).toEqual([intent]);
  });

  it('knows everything after a restart from its append-only file, and nothing without one', async () => {
    const knownAfterRestart = async (args: readonly string[]) => {
      const server = await start(args);
      const store = new RedisIntentStore({ redis: connect(server.url) });
      const ended = notSent(intent);
      await store.begin(intent);
      await store.replace(ended);
      await server.restart();
      const { profileId } = intent;
      const due = await store.listDue({ profileId, dueBefore: new Date('2026-09-14') });
      return { found: await store.find(intent), due, ended };
    };
    const kept = await knownAfterRestart(onDisk);
    expect(kept).toEqual({ found: kept.ended, due: [kept.ended], ended: kept.ended });
    expect(await knownAfterRestart([])).toMatchObject({ found: undefined, due: [] });
  });
});

describe.skipIf(usesForeignServers)(`a Redis with a replica${foreign}`, () => {
  const startWithReplica = async () => {
    const primary = await start(['--repl-diskless-sync-delay', '0']);
    const replica = await start([]);
    const line = await startFaultProxy({ target: primary });
    onTestFinished(() => line.stop());
    const onReplica = connect(replica.url);
    await onReplica.replicaof(line.host, line.port);
    const isFollowing = async () =>
      /master_link_status:up/.test(await onReplica.info('replication'));
    await until(isFollowing, { what: 'the replica to follow', timeoutMs: 15_000 });
    return { primary, onReplica, line };
  };

  it('forgets at a fail-over what had not reached the replica, and only what was not waited for', async () => {
    const { primary, onReplica, line } = await startWithReplica();
    const redis = connect(primary.url);
    const sure = new RedisIntentStore({
      redis,
      waitForReplicas: 1,
      replicaTimeoutMs: 5_000,
      timeoutMs: 20_000,
    });
    const hasty = new RedisIntentStore({ redis, waitForReplicas: 1, replicaTimeoutMs: 200 });
    const quick = new RedisIntentStore({ redis });
    const of = (cartId: string) => ({ ...intent, cartId });
    await sure.begin(of('early'));
    expect(await sure.replace(notSent(of('early')))).toBe(true);
    await line.freeze();
    const tooFew = {
      code: 'INTENT_STORE_FAILED',
      cause: { message: 'Written, but only 0 of 1 replicas had it within 200 ms' },
    };
    await expect(hasty.begin(of('unsure'))).rejects.toMatchObject(tooFew);
    await expect(hasty.replace({ ...notSent(of('early')), revision: 2 })).rejects.toMatchObject(
      tooFew,
    );
    await quick.begin(of('quick'));
    await primary.kill();
    await onReplica.replicaof('NO', 'ONE');
    const after = new RedisIntentStore({ redis: onReplica });
    expect(await after.find(of('early'))).toEqual(notSent(of('early')));
    expect(await after.find(of('unsure'))).toBeUndefined();
    expect(await after.find(of('quick'))).toBeUndefined();
    await expect(after.begin(of('early'))).rejects.toMatchObject({ code: 'REFERENCE_REUSED' });
    await expect(after.begin(of('quick'))).resolves.toBeUndefined();
  });

  it('does not take the word of another connection for a copy', async () => {
    const { primary, line } = await startWithReplica();
    const store = new RedisIntentStore({
      redis: connect(primary.url),
      waitForReplicas: 1,
      replicaTimeoutMs: 5_000,
      timeoutMs: 20_000,
    });
    await store.begin({ ...intent, cartId: 'before' });
    const admin = connect(primary.url);
    const look = new RedisIntentStore({ redis: admin });
    await line.freeze();
    const begun = store.begin(intent).catch((error: unknown) => error);
    await until(() => look.find(intent), {
      what: 'the intent to be written',
      timeoutMs: 10_000,
    });
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    expect(await begun).toMatchObject({
      code: 'INTENT_STORE_FAILED',
      cause: { message: expect.stringContaining('connection close') },
    });
  });
});

describe.skipIf(usesForeignServers)(`a payment over Redis${foreign}`, () => {
  const timeLimit = { timeoutMs, replicaTimeoutMs: 100 };

  it('sends nothing while its intent is not stored as safely as was asked', async () => {
    const server = await start();
    const redis = connect(server.url);
    const unsure = new RedisIntentStore({ redis, ...timeLimit, waitForReplicas: 1 });
    const frozen = new RedisIntentStore({ redis: connect(server.url), ...timeLimit });
    const pay = async (intents: RedisIntentStore) => {
      const { client, simulator } = await startPair({ client: { intents } });
      const refused = { code: 'INTENT_STORE_FAILED', cause: { code: 'INTENT_STORE_FAILED' } };
      await expect(client.createHostedPage(pageRequest())).rejects.toMatchObject(refused);
      return simulator.requests();
    };
    expect(await pay(unsure)).toEqual([]);
    await server.freeze();
    expect(await pay(frozen)).toEqual([]);
  });

  it('gives its answer though Redis freezes after the request left, and stores it when it is back', async () => {
    const server = await start();
    const intents = new RedisIntentStore({ redis: connect(server.url), timeoutMs: 10_000 });
    const { client, simulator, events } = await startPair({
      client: { intents, settleTimeoutMs: 200 },
    });
    client.events.on('requested', () => server.freeze());
    const request = pageRequest();
    expect(await client.createHostedPage(request)).toMatchObject({ kind: 'page' });
    expect(events.map(({ name }) => name)).toContain('intentNotSettled');
    await server.thaw();
    const { profileId } = simulator;
    const { cartId } = request;
    await expect
      .poll(async () => (await intents.find({ profileId, cartId }))?.state.name, patience)
      .toBe('pageOpen');
  });
});
