import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  startRedis,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { describe, it } from 'vitest';
import { createRedisInboxStore } from '../../src/stores/redis/index.js';
import { startTraffic } from './traffic.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';

interface Outage {
  readonly what: string;
  readonly goAway: (server: RedisServer) => Promise<void>;
  readonly comeBack: (server: RedisServer) => Promise<void>;
}

const outages: readonly Outage[] = [
  { what: 'killed', goAway: (server) => server.kill(), comeBack: (server) => server.restart() },
  { what: 'frozen', goAway: (server) => server.freeze(), comeBack: (server) => server.thaw() },
];

describe.skipIf(usesForeignServers)(`an inbox whose Redis goes away${foreign}`, () => {
  it.concurrent.for(outages)(
    '$what: loses nothing that it answered for, and runs no delivery twice at once',
    async ({ goAway, comeBack }, { expect }) => {
      const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
      const server = await startRedis({ args });
      const connections = [0, 1].map(
        () => new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: 1 }),
      );
      for (const redis of connections) redis.on('error', () => {});
      const traffic = startTraffic(connections.map((redis) => createRedisInboxStore({ redis })));
      const { answered, refused, processed, metAnother } = traffic;
      try {
        await expect.poll(() => processed.size).toBeGreaterThan(20);
        await goAway(server);
        const before = answered.length;
        await expect.poll(() => refused.length).toBeGreaterThan(8);
        // One call to each connection may have been under way.
        expect(answered.length - before).toBeLessThanOrEqual(4);
        await expect.poll(traffic.leasesLost).toBeGreaterThan(0);
        await comeBack(server);
        const sofar = answered.length;
        await expect.poll(() => answered.length).toBeGreaterThan(sofar + 20);
        await traffic.stopSending();
        await expect.poll(traffic.missing).toEqual([]);
      } finally {
        await traffic.stop();
        for (const redis of connections) redis.disconnect();
        await server.stop();
      }
      expect(metAnother).toEqual([]);
    },
  );
});
