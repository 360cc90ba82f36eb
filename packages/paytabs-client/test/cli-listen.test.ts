import { createServer } from 'node:http';
import { PassThrough } from 'node:stream';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeListen } from '../src/cli/listen/listen.js';
import { money } from '../src/index.js';
import type { Simulator, SimulatorOptions } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { startVerifyingShop, type VerifyingShop } from './verifying-shop.js';
import { startCli } from './with-cli.js';
import { openPage, pageRequest, paidSale, soon, startPair } from './with-simulator.js';

const hourMs = 3_600_000;

const start = async (simulator: SimulatorOptions = {}) => {
  const pair = await startPair({ simulator });
  const shop = await startVerifyingShop({ keys: [pair.simulator.serverKey] });
  return { ...pair, shop };
};

/** Runs `listen` with a clock of its own until the test is over. */
function listen(
  { simulator, shop }: { simulator: Simulator; shop: Pick<VerifyingShop, 'callbackUrl'> },
  ...args: readonly string[]
) {
  const clock = new ManualClock({ wallTime: Date.now() });
  const input = new PassThrough();
  const { baseUrl, profileId, serverKey } = simulator;
  const run = startCli(['listen', '--forward-to', shop.callbackUrl, ...args], {
    commands: [makeListen({ clock, input: () => input })],
    env: {
      PAYTABS_BASE_URL: baseUrl,
      PAYTABS_PROFILE_ID: String(profileId),
      PAYTABS_SERVER_KEY: serverKey,
    },
  });
  onTestFinished(async () => {
    run.interrupt();
    await run.code;
    expect(run.said()).not.toContain(serverKey);
  });
  const isWaiting = () => soon(() => clock.pendingTimers > 0);
  return {
    ...run,
    clock,
    input,
    isWaiting,
    /** One more look, to its end. */
    look: async () => {
      await isWaiting();
      clock.advance(5_000);
      await isWaiting();
    },
  };
}

const kindsOf = (shop: VerifyingShop) =>
  shop.notices.map((heard) => ('kind' in heard ? heard.kind : heard.refused));

describe('listen', () => {
  it('brings a payment, a decline and a refund to the shop, each once', async () => {
    const pair = await start();
    const { simulator, client, shop } = pair;
    const request = pageRequest();
    const { cartId } = request;
    const first = await openPage(client, request);
    const listening = listen(pair, '--cart', cartId);
    await listening.look();
    expect(shop.notices).toEqual([]);

    simulator.declineNext();
    await simulator.pay(first.redirectUrl);
    await listening.look();
    expect(kindsOf(shop)).toEqual(['declined']);

    simulator.advance(hourMs);
    const again = pageRequest();
    listening.input.write(`${again.cartId}\n`);
    const second = await openPage(client, again);
    await simulator.pay(second.redirectUrl);
    await listening.look();
    simulator.dashboard.act('refund', second.tranRef, money(4950n, 'AED'));
    await listening.look();
    await listening.look();
    expect(kindsOf(shop)).toEqual(['declined', 'reportedPaid', 'refunded']);
    expect(shop.notices[2]).toMatchObject({
      payload: { cartId: again.cartId, previousTranRef: second.tranRef, total: { minor: 4950n } },
    });
    expect(listening.out[0]).toMatch(
      new RegExp(`^\\d{4}-.*Z  ${cartId}  ${first.tranRef}  declined  D  HTTP 200  0 ms$`),
    );
    expect(listening.out).toHaveLength(3);
  });

  it('looks at once at a cart that is typed', async () => {
    const pair = await start();
    const listening = listen(pair);
    await listening.isWaiting();
    const { cartId } = await paidSale(pair);
    listening.input.write(`${cartId}\n${'x'.repeat(65)}\n`);
    await soon(() => pair.shop.notices.length === 1);
    expect(listening.err.join('\n')).toContain('A cart has 1 to 64 characters');
  });

  it('sends what the gateway itself would, but for what no query tells', async () => {
    const pair = await start();
    const { simulator, client, shop } = pair;
    const own = await startShop();
    const { tranRef, cartId } = await paidSale(pair, {
      callbackUrl: own.callbackUrl,
      description: 'Tea & <cake>, شاي',
      saveCard: { form: 'hex32' },
      customer: { name: 'Zoë', email: 'zoe@example.com' },
    });
    simulator.dashboard.act('refund', tranRef, money(100n, 'AED'));
    await simulator.idle();
    const listening = listen(pair, '--cart', cartId);
    await soon(() => shop.notices.length === 2);
    const unknown = (text: string) => {
      const body = JSON.parse(text) as Record<string, Record<string, unknown>>;
      for (const name of ['ipn_trace', 'threeDSDetails']) delete body[name];
      delete body.payment_result?.acquirer_ref;
      return body;
    };
    const gateways = own.callbacks.map(({ body }) => unknown(String(body)));
    expect(shop.callbacks.map(({ body }) => unknown(body))).toEqual(gateways);
    expect(gateways[0]).toHaveProperty('token');
    expect(shop.callbacks[0]?.body).toContain('Tea \\u0026 \\u003ccake\\u003e, شاي');
    expect(shop.callbacks[0]?.body).toMatch(/"ipn_trace":"IPNS0000\.[0-9A-F]{8}\.[0-9A-F]{8}"/);
    expect(shop.callbacks[0]?.headers['user-agent']).toBe('Go-http-client/1.1');
    await client.close();
    expect(kindsOf(shop)).toEqual(['reportedPaid', 'refunded']);
    expect(listening.out).toHaveLength(2);
  });

  it('tells a transaction again whose status has changed', async () => {
    const pair = await start({ refunds: 'approval' });
    const { simulator, shop } = pair;
    const { tranRef, cartId } = await paidSale(pair);
    const listening = listen(pair, '--cart', cartId);
    const refund = simulator.dashboard.act('refund', tranRef);
    await listening.look();
    simulator.dashboard.approveRefund(refund.tranRef);
    await listening.look();
    expect(kindsOf(shop)).toEqual(['reportedPaid', 'refundPending', 'refunded']);
  });

  it('tells nothing of a page that nobody has used', async () => {
    const pair = await start({ temporary: 'visible' });
    const { redirectUrl, cartId } = await openPage(pair.client);
    const listening = listen(pair, '--cart', cartId);
    await listening.look();
    expect(pair.shop.notices).toEqual([]);
    await pair.simulator.pay(redirectUrl);
    await listening.look();
    expect(kindsOf(pair.shop)).toEqual(['reportedPaid']);
  });
});

describe('what happened before listen was started', () => {
  const startLate = async () => {
    const pair = await start({ clock: new ManualClock({ wallTime: Date.now() - hourMs }) });
    return { ...pair, sale: await paidSale(pair) };
  };

  it('is not told, but what comes later is, whatever the clocks say', async () => {
    const pair = await startLate();
    const { simulator, shop, sale } = pair;
    const listening = listen(pair, '--cart', sale.cartId);
    await listening.look();
    expect(shop.notices).toEqual([]);
    simulator.dashboard.act('refund', sale.tranRef);
    await listening.look();
    expect(kindsOf(shop)).toEqual(['refunded']);
  });

  it.each([['all'], ['2h'], [new Date(Date.now() - 2 * hourMs).toISOString()]])(
    'is told on demand: --since %s',
    async (since) => {
      const pair = await startLate();
      const listening = listen(pair, '--cart', pair.sale.cartId, '--since', since);
      await listening.look();
      expect(kindsOf(pair.shop)).toEqual(['reportedPaid']);
    },
  );

  it('has the same mark each time it is told', async () => {
    const pair = await startLate();
    for (let run = 0; run < 2; run += 1) {
      const listening = listen(pair, '--cart', pair.sale.cartId, '--since', 'all');
      await listening.isWaiting();
      listening.interrupt();
      expect(await listening.code).toBe(0);
    }
    const [one, two] = pair.shop.callbacks.map(({ body }) => body);
    expect(two).toBe(one);
    expect(one).toContain('"tran_ref"');
  });
});

describe('a shop that does not answer 200', () => {
  it('is sent the same bytes again, later each time, until it does', async () => {
    const pair = await start();
    const { shop } = pair;
    shop.answerWith(500, 204);
    const { cartId } = await paidSale(pair);
    const { clock, out, err } = listen(pair, '--cart', cartId, '--every', '3600');
    // The next look, and the next try.
    await soon(() => clock.pendingTimers === 2);
    clock.advance(1_999);
    expect(shop.notices).toHaveLength(1);
    clock.advance(1);
    await soon(() => clock.pendingTimers === 2);
    clock.advance(10_000);
    await soon(() => out.length === 3);
    expect(out.map((line) => line.split('  ').slice(5))).toEqual([
      ['HTTP 500', '0 ms', 'again in 2 s'],
      ['HTTP 204', '0 ms', 'again in 10 s'],
      ['HTTP 200', '0 ms'],
    ]);
    expect(err.join('\n')).toContain('sent again after 2 s, 10 s, 1 min, 5 min, 15 min');
    const [first, ...more] = shop.callbacks.map(({ body, headers }) => [body, headers.signature]);
    expect(more).toEqual([first, first]);
    expect(clock.pendingTimers).toBe(1);
  });

  it('is given up after the last try', async () => {
    const pair = await start();
    const { cartId } = await paidSale(pair);
    const to = ['--forward-to', 'http://127.0.0.1:9/', '--every', '3600', '--retry-delays', '1'];
    const { clock, out } = listen(pair, '--cart', cartId, ...to);
    await soon(() => clock.pendingTimers === 2);
    clock.advance(1_000);
    await soon(() => out.length === 2);
    expect(out[1]).toMatch(/ECONNREFUSED {2}0 ms {2}given up$/);
    expect(clock.pendingTimers).toBe(1);
  });

  it('hears no more after Ctrl-C, which calls off what is still to be sent', async () => {
    const pair = await start();
    pair.shop.answerWith(500);
    const { cartId } = await paidSale(pair);
    const listening = listen(pair, '--cart', cartId);
    await soon(() => listening.clock.pendingTimers === 2);
    listening.interrupt();
    expect(await listening.code).toBe(0);
    expect(listening.err.at(-1)).toBe('1 that were not answered 200 are not sent again.');
    expect(listening.clock.pendingTimers).toBe(0);
  });
});

describe('a gateway that does not answer', () => {
  it('is asked more and more seldom, and nothing is lost', async () => {
    const pair = await start();
    const { simulator, shop } = pair;
    const { cartId, redirectUrl } = await openPage(pair.client);
    const { err, isWaiting, clock } = listen(pair, '--cart', cartId);
    await isWaiting();
    await simulator.pay(redirectUrl);
    await simulator.refuseConnections();
    const waits = () => err.filter((line) => line.startsWith('The next look'));
    clock.advance(5_000);
    await isWaiting();
    clock.advance(10_000);
    await isWaiting();
    expect(waits()).toEqual(['The next look is in 10 s.', 'The next look is in 20 s.']);
    expect(err.join('\n')).toContain(`${cartId} could not be asked about`);
    await simulator.acceptConnections();
    clock.advance(20_000);
    await isWaiting();
    expect(kindsOf(shop)).toEqual(['reportedPaid']);
  });

  it('that refuses the key ends it', async () => {
    const pair = await start();
    const { simulator } = pair;
    const wrong = { ...simulator, serverKey: 'SWRONGKEY0-0000000000-0000000000' };
    const { code, err } = listen({ ...pair, simulator: wrong }, '--cart', 'order-1');
    expect(await code).toBe(1);
    expect(err.at(-1)).toContain('uthentication');
  });
});

describe('the end of listen', () => {
  it('comes by itself when there is nothing to follow', async () => {
    const listening = listen(await start());
    listening.input.end();
    expect(await listening.code).toBe(1);
    expect(listening.err.at(-1)).toBe('There is nothing to follow.');
  });

  it('does not come with the end of the input while carts are followed', async () => {
    const pair = await start();
    const { cartId } = await paidSale(pair);
    const listening = listen(pair);
    listening.input.end(`${cartId}\n`);
    await soon(() => pair.shop.notices.length === 1);
    await listening.isWaiting();
    listening.interrupt();
    expect(await listening.code).toBe(0);
  });

  it.each([
    ['first try', []],
    ['further try', [500]],
  ])('waits for a %s that is under way', async (_, before) => {
    const pair = await start();
    let answer: (() => void) | undefined;
    const server = createServer((_request, response) => {
      const status = before.shift();
      if (status !== undefined) response.writeHead(status).end();
      else answer = () => response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { cartId } = await paidSale(pair);
    const shop = { callbackUrl: `http://127.0.0.1:${port}/` };
    const retries = before.length;
    const listening = listen({ ...pair, shop }, '--cart', cartId);
    if (retries > 0) {
      await soon(() => listening.clock.pendingTimers === 2);
      listening.clock.advance(2_000);
    }
    await soon(() => answer !== undefined);
    let isOver = false;
    void listening.code.then(() => {
      isOver = true;
    });
    listening.interrupt();
    // Time enough for an end that waits for nothing.
    for (let each = 0; each < 5; each += 1) await openPage(pair.client);
    expect([isOver, listening.out.length]).toEqual([false, retries]);
    answer?.();
    expect(await listening.code).toBe(0);
    expect(listening.out).toHaveLength(retries + 1);
    expect(listening.out.at(-1)).toContain('HTTP 200');
  });
});

describe('a wrong command line of listen', () => {
  it.each([
    ['a public address', ['--forward-to', 'https://203.0.113.9/'], '--allow-public'],
    ['a loose word', ['order-1'], '--cart'],
    ['a cart too long', ['--cart', 'x'.repeat(65)], '--cart'],
    ['two stores', ['--mongodb', 'mongodb://h', '--redis', 'redis://h'], 'either'],
    ['an interval of none', ['--every', '0'], '--every'],
    ['an interval that is none', ['--every', '1e3'], '--every'],
    ['a time without a zone', ['--since', '2026-09-13T08:00:00'], '--since'],
    ['retries that are none', ['--retry-delays', '2,x'], '--retry-delays'],
    ['no number of carts', ['--max-carts', '0'], '--max-carts'],
  ])('with %s is refused in a sentence', async (_, args, message) => {
    const { code, err } = listen(await start(), ...args);
    expect([await code, err[0]]).toEqual([2, expect.stringContaining(message)]);
  });
});
