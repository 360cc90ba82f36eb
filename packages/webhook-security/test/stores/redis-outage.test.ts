import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  startRedis,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type WebhookVerifier } from '../../src/index.js';
import { createRedisReplayStore } from '../../src/stores/redis/index.js';
import { callback, notice, verifierWith } from '../requests.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';

describe.skipIf(usesForeignServers)(`a Redis that goes away${foreign}`, () => {
  let server: RedisServer;
  let redis: Redis;
  let verifier: WebhookVerifier;
  let delivery = 0;
  const next = () => {
    delivery += 1;
    return callback({ ...notice, tran_ref: `TST${delivery}` });
  };

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: 0 });
    redis.on('error', () => {});
    verifier = verifierWith({
      clock: systemClock,
      replay: { store: createRedisReplayStore({ redis }), timeoutMs: 2_000 },
    });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const recovers = () =>
    expect
      .poll(async () => (await verifier.verify(next())).verdict, { timeout: 30_000 })
      .toBe('accepted');

  it('refuses while it is frozen and accepts once it answers again', async () => {
    await recovers();
    await server.freeze();
    expect(await verifier.verify(next())).toMatchObject({
      reason: 'replay-store-failed',
      status: 503,
    });
    await server.thaw();
    await recovers();
  }, 90_000);

  it('refuses while it is dead and accepts after its restart', async () => {
    await recovers();
    await server.kill();
    expect(await verifier.verify(next())).toMatchObject({ reason: 'replay-store-failed' });
    await server.restart();
    await recovers();
  }, 90_000);
});
