import {
  FOREIGN_SERVERS_REASON,
  startFaultProxy,
  startRedis,
  until,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { type AcceptedVerdict, systemClock } from '../../src/index.js';
import { createRedisReplayStore } from '../../src/stores/redis/index.js';
import { callback, notice, verifierWith } from '../requests.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';

const verifierOf = (redis: Redis) =>
  verifierWith({ clock: systemClock, replay: { store: createRedisReplayStore({ redis }) } });
const sent = (id: string) => callback({ ...notice, tran_ref: id });

describe.skipIf(usesForeignServers)(`a Redis with a replica${foreign}`, () => {
  it('forgets at a fail-over what had not reached the replica, and nothing else', async () => {
    const [primary, replica] = await Promise.all([
      startRedis({ args: ['--repl-diskless-sync-delay', '0'] }),
      startRedis(),
    ]);
    const line = await startFaultProxy({ target: primary });
    const [onPrimary, onReplica] = [new Redis(primary.url), new Redis(replica.url)];
    onPrimary.on('error', () => {});
    try {
      await onReplica.replicaof(line.host, line.port);
      await until(async () => /master_link_status:up/.test(await onReplica.info('replication')), {
        what: 'the replica to follow',
        timeoutMs: 15_000,
      });
      const handle = async (id: string) => {
        const verdict = await verifierOf(onPrimary).verify(sent(id));
        await (verdict as AcceptedVerdict).claim.confirm();
      };
      await handle('early');
      await onPrimary.wait(1, 5_000);
      await line.freeze();
      await handle('late');
      await primary.kill();
      await onReplica.replicaof('NO', 'ONE');
      expect(await verifierOf(onReplica).verify(sent('early'))).toMatchObject({
        repeat: 'confirmed',
      });
      expect((await verifierOf(onReplica).verify(sent('late'))).verdict).toBe('accepted');
    } finally {
      onPrimary.disconnect();
      onReplica.disconnect();
      await line.stop();
      await Promise.all([primary.stop(), replica.stop()]);
    }
  });

  it('accepts nothing without its replica where min-replicas-to-write asks for one', async () => {
    const server = await startRedis({ args: ['--min-replicas-to-write', '1'] });
    const redis = new Redis(server.url);
    try {
      expect(await verifierOf(redis).verify(sent('any'))).toMatchObject({
        reason: 'replay-store-failed',
        status: 503,
      });
    } finally {
      redis.disconnect();
      await server.stop();
    }
  });
});
