import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  startRedis,
  usesForeignServers,
} from '@nestcms/testbed';
import { Redis } from 'ioredis';
import { describe, it } from 'vitest';
import { systemClock } from '../../src/index.js';
import { createRedisReplayStore } from '../../src/stores/redis/index.js';
import { verifierWith } from '../requests.js';
import { reasonsOf, sendersHeard, startStream, takenTwice } from '../support/stream.js';

const foreign = usesForeignServers ? ` (skipped: ${FOREIGN_SERVERS_REASON})` : '';
const senders = 8;
const claimMs = 1_000;
const timeoutMs = 300;
/** What a busy machine may add. */
const slackMs = 1_500;

interface Case {
  readonly what: string;
  readonly client: string;
  readonly maxRetriesPerRequest: number;
  readonly goAway: (server: RedisServer) => Promise<void>;
  readonly comeBack: (server: RedisServer) => Promise<void>;
}

const outages: readonly Pick<Case, 'what' | 'goAway' | 'comeBack'>[] = [
  { what: 'killed', goAway: (server) => server.kill(), comeBack: (server) => server.restart() },
  { what: 'frozen', goAway: (server) => server.freeze(), comeBack: (server) => server.thaw() },
];
const cases: readonly Case[] = outages.flatMap((outage) => [
  { ...outage, client: 'that gives up at once', maxRetriesPerRequest: 0 },
  { ...outage, client: 'that tries again for long', maxRetriesPerRequest: 20 },
]);

describe.skipIf(usesForeignServers)(`in a stream of deliveries${foreign}`, () => {
  it.concurrent.for(cases)(
    'a Redis is $what, with a client $client: refused in time, nothing taken twice, back by itself',
    async ({ goAway, comeBack, maxRetriesPerRequest }, { expect }) => {
      // What was confirmed is on disk, so that a restart forgets none of it.
      const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
      const server = await startRedis({ args });
      const redis = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest });
      redis.on('error', () => {});
      const store = createRedisReplayStore({ redis });
      const verifier = verifierWith({ clock: systemClock, replay: { store, claimMs, timeoutMs } });
      const stream = startStream(verifier, senders);
      const { sendings } = stream;
      const sentSince = (time: number) => sendings.filter(({ sentAt }) => sentAt > time);
      try {
        await expect.poll(() => sendersHeard(sendings)).toBe(senders);
        await goAway(server);
        const goneAt = performance.now();
        await expect.poll(() => sentSince(goneAt).length).toBeGreaterThan(2 * senders);
        const during = sentSince(goneAt);
        await comeBack(server);
        expect(reasonsOf(during)).toEqual(['replay-store-failed']);
        const backAt = performance.now();
        await expect.poll(() => sendersHeard(sentSince(backAt))).toBe(senders);
      } finally {
        await stream.stop();
        redis.disconnect();
        await server.stop();
      }
      const slowest = Math.max(...sendings.map(({ sentAt, endedAt }) => endedAt - sentAt));
      expect(slowest).toBeLessThan(timeoutMs + slackMs);
      expect(takenTwice(sendings, claimMs)).toEqual([]);
    },
  );
});
