import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import type { SimulatorOptions, SimulatorProfile } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { ask, direct, followUp, type Json, refOf, startGateway } from './simulator-wire.js';

const profile: SimulatorProfile = {
  profileId: 98765,
  serverKey: 'SSIM000000-0000000000-0000000000',
  clientKey: 'CSIM',
  merchantId: 1234,
};

const start = async (options: SimulatorOptions = {}) => {
  const shop = await startShop();
  return { shop, simulator: await startGateway(options) };
};

const bodies = (shop: Awaited<ReturnType<typeof startShop>>) =>
  shop.callbacks.map(({ body }) => JSON.parse(String(body)) as Json);

describe('the IPN of a profile', () => {
  const withIpn = async (ipn: Partial<SimulatorProfile['ipn']> = {}) => {
    const shop = await startShop();
    const simulator = await startGateway({
      profiles: [{ ...profile, ipn: { url: `${shop.callbackUrl}?ipn`, ...ipn } }],
    });
    return { shop, simulator };
  };
  const paths = (received: readonly { path: string }[]) => received.map(({ path }) => path).sort();

  it('tells of everything, callback or not, each with a trace of its own', async () => {
    const ipnShop = await startShop();
    const shop = await startShop();
    const simulator = await startGateway({
      profiles: [{ ...profile, ipn: { url: ipnShop.callbackUrl, userAgent: 'Shop/1' } }],
    });
    const tran_ref = refOf(await ask(simulator, direct({ callback: shop.callbackUrl })));
    await ask(simulator, direct());
    simulator.dashboard.act('refund', tran_ref);
    await simulator.idle();
    expect([shop.callbacks.length, ipnShop.callbacks.length]).toEqual([2, 3]);
    expect(ipnShop.callbacks[0]?.headers['user-agent']).toBe('Shop/1');
    expect(shop.callbacks[0]?.headers['user-agent']).toBe('Go-http-client/1.1');
    const traces = [...bodies(shop), ...bodies(ipnShop)].map((each) => each.ipn_trace);
    expect(new Set(traces).size).toBe(5);
  });

  it('can leave out those that have a callback', async () => {
    const { shop, simulator } = await withIpn({ withCallback: false });
    await ask(simulator, direct({ callback: shop.callbackUrl }));
    await ask(simulator, direct());
    await simulator.idle();
    expect(paths([...shop.callbacks])).toEqual(['/callback']);
    expect(simulator.deliveries()).toHaveLength(2);
  });
});

describe('notices', () => {
  it('can be held back and let go in another order', async () => {
    const { shop, simulator } = await start();
    simulator.holdNotices();
    const tran_ref = refOf(await ask(simulator, direct({ callback: shop.callbackUrl })));
    for (const amount of [1, 2, 3])
      await followUp(simulator, { tran_type: 'refund', tran_ref, amount });
    await simulator.idle();
    expect(shop.callbacks).toEqual([]);
    expect(await simulator.releaseNotices('reversed')).toBe(4);
    expect(bodies(shop).map((each) => each.cart_amount)).toEqual([
      '3.00',
      '2.00',
      '1.00',
      '100.00',
    ]);
    await ask(simulator, direct({ callback: shop.callbackUrl }));
    await simulator.idle();
    expect(shop.callbacks).toHaveLength(5);
  });

  it('are shuffled the same way by the same seed', async () => {
    const order = async (seed: number) => {
      const { shop, simulator } = await start({ seed });
      simulator.holdNotices();
      for (const amount of [1, 2, 3, 4, 5, 6, 7, 8]) {
        await ask(simulator, direct({ callback: shop.callbackUrl, cart_amount: amount }));
      }
      await simulator.releaseNotices('shuffled');
      return bodies(shop).map((each) => Number(each.cart_amount));
    };
    const first = await order(1);
    expect(await order(1)).toEqual(first);
    expect(first).not.toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(first.toSorted((left, right) => left - right)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('are sent twice, as the same bytes, as often as is wanted', async () => {
    const { shop, simulator } = await start({ callbackDuplicates: 1 });
    await ask(simulator, direct({ callback: shop.callbackUrl }));
    await simulator.idle();
    const [one, two] = shop.callbacks;
    expect(shop.callbacks).toHaveLength(2);
    expect(two?.body).toEqual(one?.body);
    expect(two?.headers.signature).toBe(one?.headers.signature);
  });

  it('come after any delay between two, by the seed', async () => {
    const clock = new ManualClock();
    const { shop, simulator } = await start({ clock, callbackDelayMs: [1000, 2000] });
    for (let each = 0; each < 20; each += 1)
      await ask(simulator, direct({ callback: shop.callbackUrl }));
    simulator.advance(999);
    await simulator.idle();
    expect(shop.callbacks).toEqual([]);
    simulator.advance(500);
    await simulator.idle();
    expect(shop.callbacks.length).toBeGreaterThan(2);
    expect(shop.callbacks.length).toBeLessThan(18);
    simulator.advance(501);
    await simulator.idle();
    expect(shop.callbacks).toHaveLength(20);
  });

  it.each([
    ['same', 1],
    ['new', 2],
  ] as const)('are repeated with the %s trace', async (retryTrace, traces) => {
    const { shop, simulator } = await start({ clock: new ManualClock(), retryTrace });
    shop.answerCallbacksWith(500);
    await ask(simulator, direct({ callback: shop.callbackUrl }));
    await simulator.idle();
    simulator.advance(2000);
    await simulator.idle();
    expect(shop.callbacks).toHaveLength(2);
    expect(new Set(bodies(shop).map((each) => each.ipn_trace)).size).toBe(traces);
  });

  it('are written as Go writes them, or not', async () => {
    for (const goEscapes of [true, false]) {
      const { shop, simulator } = await start({ goEscapes });
      await ask(simulator, direct({ callback: shop.callbackUrl, cart_description: 'A & B' }));
      await simulator.idle();
      const text = String(shop.callbacks[0]?.body);
      expect(text).toContain(goEscapes ? 'A \\u0026 B' : 'A & B');
    }
  });

  it('are remembered up to a limit, the books without one', async () => {
    const { shop, simulator } = await start({ logLimit: 2 });
    const refs: string[] = [];
    for (let each = 0; each < 5; each += 1) {
      refs.push(refOf(await ask(simulator, direct({ callback: shop.callbackUrl }))));
    }
    await simulator.idle();
    expect(simulator.requests()).toHaveLength(2);
    expect(simulator.deliveries()).toHaveLength(2);
    expect(simulator.ledger()).toHaveLength(5);
    expect(simulator.issuerLog()).toHaveLength(5);
    await expect(simulator.deliver(refs[0] ?? '')).rejects.toThrow('No callback');
    await expect(simulator.deliver(refs[4] ?? '')).resolves.toHaveLength(1);
  });
});
