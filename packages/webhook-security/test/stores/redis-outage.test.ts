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
import { type Sending, startStream } from '../support/stream.js';

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
      const handledBy = (some: readonly Sending[]) =>
        new Set(some.filter(({ isConfirmed }) => isConfirmed).map(({ sender }) => sender));
      try {
        await expect.poll(() => handledBy(sendings).size).toBe(senders);
        await goAway(server);
        const goneAt = performance.now();
        await expect.poll(() => sentSince(goneAt).length).toBeGreaterThan(2 * senders);
        const during = sentSince(goneAt);
        await comeBack(server);
        expect(reasonsOf(during)).toEqual(['replay-store-failed']);
        const backAt = performance.now();
        await expect.poll(() => handledBy(sentSince(backAt)).size).toBe(senders);
      } finally {
        await stream.stop();
        redis.disconnect();
        await server.stop();
      }
      const slowest = Math.max(...sendings.map(({ sentAt, endedAt }) => endedAt - sentAt));
      expect(slowest).toBeLessThan(timeoutMs + slackMs);
      expect(takenTwice(sendings)).toEqual([]);
    },
  );
});

function reasonsOf(sendings: readonly Sending[]): readonly string[] {
  const reasons = sendings.map(({ verdict }) =>
    verdict.verdict === 'refused' ? verdict.reason : verdict.verdict,
  );
  return Array.from(new Set(reasons));
}

/** Accepted once more though it was confirmed, or before the claim of the first time had run out. */
function takenTwice(sendings: readonly Sending[]): readonly Sending[] {
  const before = new Map<string, Sending>();
  return sendings.filter((sending) => {
    if (sending.verdict.verdict !== 'accepted') return false;
    const first = before.get(sending.id);
    before.set(sending.id, sending);
    if (first === undefined) return false;
    return first.isConfirmed || sending.endedAt - first.sentAt < claimMs;
  });
}
