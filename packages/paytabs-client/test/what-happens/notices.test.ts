import { describe, expect, it } from 'vitest';
import { createNotificationVerifier, type Money, money } from '../../src/index.js';
import { type Received, startShop } from '../shop.js';
import { completed, openPage, pageRequest, startPair } from '../with-simulator.js';

/** A shop with books: a sale of 149.50 and a refund of 49.50 have been made, and notices of both lie in its inbox. */
async function start(options: Parameters<typeof startPair>[0] = {}) {
  const pair = await startPair(options);
  const { simulator, client } = pair;
  const shop = await startShop();
  const { callbackUrl } = shop;
  const expected = new Map<string, { amount: Money; previousTranRefs: string[] }>();
  /** Effects by their key, as a unique constraint keeps them. */
  const effects = new Map<string, string>();
  const refusals: string[] = [];
  const verifier = createNotificationVerifier({ keys: [simulator.serverKey] });

  const take = async (received: Received) => {
    const verdict = await verifier.verify(received);
    if (verdict.verdict !== 'accepted') return void refusals.push(verdict.verdict);
    const notice = verdict.payload;
    const order = expected.get(notice.cartId);
    if (order === undefined) return void refusals.push('unknown');
    const { profileId } = client;
    const confirmation = await client.confirm(notice, {
      profileId,
      cartId: notice.cartId,
      ...order,
    });
    if (!confirmation.confirmed) return void refusals.push(confirmation.reason);
    effects.set(confirmation.effectKey, confirmation.kind);
  };

  simulator.holdNotices();
  const sale = pageRequest({ callbackUrl });
  const { tranRef, redirectUrl } = await openPage(client, sale);
  expected.set(sale.cartId, { amount: sale.amount, previousTranRefs: [] });
  await simulator.pay(redirectUrl);
  const refund = { ...pageRequest({ amount: money(4950n, 'AED'), callbackUrl }), tranRef };
  expected.set(refund.cartId, { amount: refund.amount, previousTranRefs: [tranRef] });
  await completed(client.refund(refund));
  return { ...pair, shop, take, expected, effects, refusals, sale, tranRef };
}

describe('notices', () => {
  it('in another order, and ten times each, are two effects in the books', async () => {
    const { simulator, shop, take, effects } = await start();
    await simulator.releaseNotices('reversed');
    await simulator.idle();
    expect(shop.callbacks).toHaveLength(2);
    const copies = shop.callbacks.flatMap((notice) => Array.from({ length: 10 }, () => notice));
    await Promise.all(copies.map(take));
    expect([...effects.values()].toSorted()).toEqual(['paid', 'refunded']);
  });

  it.each(['forged', 'unsigned', 'tampered', 'reserialised'] as const)(
    'that are %s change nothing',
    async (mutate) => {
      const { simulator, shop, take, tranRef, effects, refusals } = await start();
      await simulator.releaseNotices();
      await simulator.idle();
      const before = shop.callbacks.length;
      await simulator.deliver(tranRef, { mutate });
      await Promise.all(shop.callbacks.slice(before).map(take));
      expect(refusals).toEqual(['refused']);
      expect(effects.size).toBe(0);
    },
  );

  it('about another amount than the books have change nothing', async () => {
    const { simulator, shop, take, expected, effects, refusals, sale } = await start();
    expected.set(sale.cartId, { amount: money(14951n, 'AED'), previousTranRefs: [] });
    await simulator.releaseNotices();
    await simulator.idle();
    await Promise.all(shop.callbacks.map(take));
    expect(refusals).toEqual(['notBound']);
    expect([...effects.values()]).toEqual(['refunded']);
  });

  it('that are all lost are found out by asking', async () => {
    const { client, shop, sale } = await start({ client: { reconcile: { tellAfterMs: 0 } } });
    await client.check({ cartId: sale.cartId });
    const told: string[] = [];
    await client.reconcile({ onEnded: ({ intent }) => void told.push(intent.cartId) });
    expect(told).toContain(sale.cartId);
    expect(shop.callbacks).toEqual([]);
  });
});
