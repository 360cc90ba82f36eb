import {
  FOREIGN_SERVERS_REASON,
  type RedisServer,
  type ReplicaSet,
  startRedis,
  startReplicaSet,
  until,
  usesForeignServers,
} from '@nestcms/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/platform/mongo/database.js';
import type { ContractDetailsView } from '../../src/reading/contract-details.js';
import { EventRecorder } from '../support/event-recorder.js';
import {
  createPayment,
  type Deal,
  type House,
  makeDeal,
  ok,
  processPayment,
  readPayment,
  settled,
  startHouse,
} from '../support/house.js';
import { caughtUp, ReadMonitor } from '../support/members.js';
import { booksOf, ledgerOf } from '../support/money.js';

const why = usesForeignServers ? ` (${FOREIGN_SERVERS_REASON})` : '';

// Members are killed, started again and caught up with: long on a busy machine.
const TEST_TIMEOUT_MS = 120_000;

describe.skipIf(usesForeignServers)(
  `without some of its servers${why}`,
  {
    timeout: TEST_TIMEOUT_MS,
  },
  () => {
    const events = new EventRecorder();
    let set: ReplicaSet;
    let state: RedisServer;
    let cache: RedisServer;
    let house: House;
    let reads: ReadMonitor;

    beforeAll(async () => {
      [set, state, cache] = await Promise.all([
        startReplicaSet({ lagControl: true }),
        startRedis(),
        startRedis({ policy: 'allkeys-lru' }),
      ]);
      house = await startHouse({
        variables: {
          MONGODB_URI: set.uri,
          REDIS_STATE_URL: state.url,
          REDIS_CACHE_URL: cache.url,
        },
        overrides: { modules: [events.module] },
      });
      reads = await ReadMonitor.of(house.server.app.get(Database).client);
    }, TEST_TIMEOUT_MS);

    afterAll(async () => {
      await house?.stop();
      await Promise.all([set?.stop(), state?.stop(), cache?.stop()]);
    }, TEST_TIMEOUT_MS);

    const details = ({ client, contract }: Deal) =>
      client.get<ContractDetailsView>(`/api/v2/contracts/${contract.id}`);

    /**
     * Pays an invoice of the deal and reads the contract before and after: one charge, one confirmation.
     * @param readers the members that are to be read from, so let them catch up first
     */
    const walk = async (deal: Deal, readers: readonly string[] = []) => {
      const { server, simulator } = house;
      const { id } = await ok(createPayment(deal));
      await settled(server);
      await caughtUp(server, readers);
      reads.take();
      const before = await details(deal);
      const again = await details(deal);
      const { redirectUrl } = await ok(processPayment(deal.client, id));
      await simulator.pay(redirectUrl ?? '');
      await simulator.idle();
      await settled(server);
      await caughtUp(server, readers);
      const after = await details(deal);
      expect((await readPayment(deal.client, id)).status).toBe('paid');
      expect(events.of(id)).toEqual(['payment.created', 'payment.processing', 'payment.paid']);
      expect(await booksOf(server)).toEqual(ledgerOf(simulator));
      expect(ledgerOf(simulator, id)).toHaveLength(1);
      expect(after.body.payments.find((payment) => payment.id === id)?.status).toBe('paid');
      return {
        caches: [before, again, after].map(({ headers }) => headers.get('x-cache')),
        members: [before, again, after].map(({ headers }) => headers.get('x-served-by')),
        reads: reads.take(),
      };
    };

    it('shows what was paid also when replica1 lags behind', async () => {
      const deal = await makeDeal(house.server);
      await ok(details(deal));
      await set.members.replica1.setLag(true);
      try {
        const { caches, members, reads } = await walk(deal);
        expect(caches).toEqual(['MISS', 'HIT', 'MISS']);
        expect(members).not.toContain('replica1');
        expect(reads).toHaveLength(2);
        expect(reads).not.toContain('contracts on replica1');
      } finally {
        await set.members.replica1.setLag(false);
        await set.waitUntilCaughtUp();
      }
    });

    it('reads from replica2 when replica1 is killed, and from replica1 when it is back', async () => {
      const deal = await makeDeal(house.server);
      await set.members.replica1.kill();
      const { caches, members, reads } = await walk(deal, ['replica2']);
      expect(caches).toEqual(['MISS', 'HIT', 'MISS']);
      expect(members).toEqual(['replica2', 'replica2', 'replica2']);
      expect(reads).toEqual(['contracts on replica2', 'contracts on replica2']);

      await set.members.replica1.restart();
      await set.waitUntilCaughtUp();
      await until(
        async () => {
          const { client, contract } = await makeDeal(house.server);
          const { headers } = await client.get(`/api/v2/contracts/${contract.id}`);
          return headers.get('x-served-by') === 'replica1';
        },
        { what: 'replica1 to be read again', timeoutMs: 45_000, intervalMs: 500 },
      );
    });

    it('makes one charge and one confirmation when both Redis are killed', async () => {
      const deal = await makeDeal(house.server);
      await Promise.all([state.kill(), cache.kill()]);
      const { caches } = await walk(deal);
      expect(caches[0]).toBe('MISS');
      expect(caches[2]).toBe('MISS');

      // What gets worse, and nothing else: a signed token is believed, limits are counted here alone,
      // a session cannot be ended. Signing in goes on.
      const { server } = house;
      const { body: metrics } = await server.api.get<string>('/metrics');
      expect(metrics).toMatch(/nestcms_session_checks_total\{result="unknown"\} [1-9]/);
      expect(metrics).toMatch(/nestcms_rate_limit_fallbacks_total\{class="process"\} [1-9]/);
      expect(await deal.client.post('/api/v1/auth/logout')).toMatchObject({
        status: 503,
        body: { code: 'SERVICE_UNAVAILABLE' },
      });
      expect((await walk(await makeDeal(server))).caches[0]).toBe('MISS');

      await Promise.all([state.restart(), cache.restart()]);
      await until(async () => (await walk(await makeDeal(house.server))).caches[1] === 'HIT', {
        what: 'the cache to be back',
        timeoutMs: 45_000,
        intervalMs: 250,
      });
    });
  },
);
