import { createServer } from 'node:http';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';
import {
  createNotificationVerifier,
  createReturnVerifier,
  describeTransaction,
  type HostedPageRequest,
  type Money,
  money,
  type PageOutcome,
  PayTabsClient,
  type PayTabsClientOptions,
  parseMajor,
  regions,
} from '../../src/index.js';
import { startShop } from '../shop.js';
import { call, type Json } from '../simulator-wire.js';
import { bodyOf, doneReply, of, pageReply, reply, serverKey, talk } from '../with-dispatcher.js';
import {
  completed,
  openPage,
  pageRequest,
  paidSale,
  rejection,
  remembered,
  startPair,
} from '../with-simulator.js';

const two = [
  { profileId: 101, serverKey: 'SAAAAAAAAA-AAAAAAAAAA-AAAAAAAAAA', clientKey: 'C1', merchantId: 1 },
  { profileId: 202, serverKey: 'SBBBBBBBBB-BBBBBBBBBB-BBBBBBBBBB', clientKey: 'C2', merchantId: 2 },
] as const;

/** A server that counts its connections and answers every request with a page. */
async function startCounting() {
  const body = JSON.stringify(doneReply());
  const connections = new Set<unknown>();
  const server = createServer((request, response) => {
    connections.add(request.socket);
    request.resume().on('end', () => response.end(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { baseUrl: `http://127.0.0.1:${port}`, connections };
}

describe('a fault of paytabs_pt2 that this client does not have', () => {
  it('1. callbacks only: every call is a promise of what it asks for', async () => {
    const { client } = await startPair();
    const page = await client.createHostedPage(pageRequest());
    expect(page).toMatchObject({ kind: 'page', redirectUrl: expect.any(String) });
    expectTypeOf<PayTabsClient['createHostedPage']>().returns.toEqualTypeOf<Promise<PageOutcome>>();
  });

  it('2. errors in the place of results, without code, trace and status: errors are thrown, with all three', async () => {
    const { client } = await startPair();
    const error = await rejection(
      client.createHostedPage(pageRequest({ amount: money(1n, 'NOK') })),
    );
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      gatewayCode: 206,
      httpStatus: 400,
      trace: expect.stringMatching(/^PMNT/),
      message: expect.stringContaining('Invalid currency code'),
    });
  });

  it('3. no timeout: a gateway that never answers is given up', async () => {
    const { simulator, client } = await startPair({ client: { timeoutMs: 50, maxAttempts: 1 } });
    simulator.faults.add({ kind: 'hang', route: 'query' });
    const error = await rejection(client.query({ tranRef: 'TST2625600001234' }));
    expect(error).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
  });

  it('3. no retry: a read is asked again after passing trouble', async () => {
    const pair = await startPair();
    const { tranRef } = await paidSale(pair);
    pair.simulator.faults.add({ kind: 'html', route: 'query' });
    expect(await pair.client.query({ tranRef })).toMatchObject({ tranRef, status: 'A' });
    expect(pair.events).toContainEqual(expect.objectContaining({ name: 'retried' }));
  });

  it('3. no abort: a signal ends a call', async () => {
    const { simulator, client } = await startPair();
    simulator.faults.add({ kind: 'hang', route: 'query' });
    const caller = new AbortController();
    const asking = client.query({ tranRef: 'TST2625600001234' }, { signal: caller.signal });
    caller.abort();
    expect(await rejection(asking)).toMatchObject({ code: 'ABORTED' });
  });

  it('3. no keep-alive: calls share a connection, as many as are allowed', async () => {
    const { baseUrl, connections } = await startCounting();
    const client = new PayTabsClient({ profileId: 98765, serverKey, baseUrl, maxConnections: 1 });
    onTestFinished(() => client.close());
    const ask = () => client.query({ tranRef: doneReply().tran_ref });
    await Promise.all([ask(), ask()]);
    await ask();
    expect(connections.size).toBe(1);
  });

  it('4. one profile per process: clients of two profiles work at the same time', async () => {
    const { simulator } = await startPair({ simulator: { profiles: two } });
    const clients = two.map(
      ({ profileId, serverKey: key }) =>
        new PayTabsClient({ profileId, serverKey: key, baseUrl: simulator.baseUrl }),
    );
    onTestFinished(() => Promise.all(clients.map((client) => client.close())).then(() => {}));
    const request = pageRequest();
    const pages = await Promise.all(clients.map((client) => openPage(client, request)));
    expect(pages.map(({ raw }) => raw.profileId)).toEqual([101, 202]);
  });

  it('5. implicit globals: calls at the same time keep their data apart, and nothing is left behind', async () => {
    const { client } = await startPair();
    const before = Object.getOwnPropertyNames(globalThis);
    const wanted = Array.from({ length: 20 }, (_, index) =>
      pageRequest({ amount: money(BigInt(100 + index), 'AED') }),
    );
    const pages = await Promise.all(wanted.map((request) => openPage(client, request)));
    expect(pages.map(({ cartId, raw }) => [cartId, raw.cart_amount])).toEqual(
      wanted.map(({ cartId }, index) => [cartId, `1.${String(index).padStart(2, '0')}`]),
    );
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
  });

  it('6. no verification: a callback and a return are accepted as they came, and refused when forged', async () => {
    const pair = await startPair();
    const shop = await startShop();
    const { simulator } = pair;
    const keys = [simulator.serverKey];
    const { tranRef } = await paidSale(pair, {
      callbackUrl: shop.callbackUrl,
      returnUrl: shop.returnUrl,
    });
    await simulator.deliver(tranRef, { mutate: 'forged' });
    const verdicts = async (
      verifier: { verify(request: (typeof shop.callbacks)[number]): Promise<{ verdict: string }> },
      requests: typeof shop.callbacks,
    ) => Promise.all(requests.map(async (each) => (await verifier.verify(each)).verdict));
    const notices = createNotificationVerifier({ keys });
    expect(await verdicts(notices, shop.callbacks)).toEqual(['accepted', 'refused']);
    const [came] = shop.returns;
    if (came === undefined) throw new Error('nothing came back');
    const forged = Buffer.from(String(came.body).replace('respStatus=A', 'respStatus=D'));
    const returns = createReturnVerifier({ keys });
    const both = [came, { ...came, body: forged }];
    expect(await verdicts(returns, both)).toEqual(['accepted', 'refused']);
  });

  it('7. missing regions: all are there, white labels too, and an unknown one is refused at once', () => {
    const asked = (where: object) =>
      new PayTabsClient({ profileId: 1, serverKey, ...where } as PayTabsClientOptions).toJSON();
    const { IRQ, MAR, QAT } = regions;
    expect([IRQ, MAR, QAT].map((url) => new URL(url).hostname)).toEqual([
      'secure-iraq.paytabs.com',
      'secure-morocco.paytabs.com',
      'secure-doha.paytabs.com',
    ]);
    for (const [region, origin] of Object.entries(regions)) {
      expect(asked({ region })).toMatchObject({ origin });
    }
    const origin = 'https://secure.clickpay.com.sa';
    expect(asked({ baseUrl: origin })).toMatchObject({ origin });
    expect(() => asked({ region: 'PSE' })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });

  it('8. no types, no checks, amounts through parseFloat: all three are otherwise', async () => {
    expectTypeOf<HostedPageRequest['amount']>().toEqualTypeOf<Money>();
    expectTypeOf<Money['minor']>().toEqualTypeOf<bigint>();
    const { simulator, client, intents } = await startPair();
    for (const wrong of [{ amount: '149.50' }, { amount: 149.5 }, { cartId: 1001 }, { more: 1 }]) {
      const error = await rejection(client.createHostedPage(pageRequest(wrong as never)));
      expect(error).toMatchObject({ code: 'INVALID_REQUEST' });
    }
    expect(simulator.requests()).toEqual([]);
    expect(await remembered(intents)).toEqual([]);
    const amount = parseMajor('9007199254.99', 'AED');
    await openPage(client, pageRequest({ amount }));
    expect(simulator.requests()[0]?.body).toContain('"cart_amount":9007199254.99,');
  });

  it('9. no own and managed form, tokens, query by cart, invoices and links: all are there', async () => {
    const { simulator, client } = await startPair({ client: { ownForm: 'iAmPciDssSaqD' } });
    const customer = { name: 'Omar Saleh', email: 'omar@example.com', country: 'SA' };
    const card = { number: '4111111111111111', cvv: '123', expiryMonth: 12, expiryYear: 2039 };
    let carts = 0;
    const cart = () => {
      carts += 1;
      return { cartId: `cart-${carts}`, amount: money(14950n, 'AED'), description: 'Two tickets' };
    };

    const own = { ...cart(), customer, card, saveCard: { form: 'hex32' as const } };
    const charged = await completed(client.chargeCard(own));
    const token = String(charged.raw.token);
    const { cartId } = own;
    expect((await client.queryByCart({ cartId })).map(({ tranRef }) => tranRef)).toEqual([
      charged.tranRef,
    ]);
    expect(await client.tokens.get({ token })).toMatchObject({ tranRef: charged.tranRef });
    const saved = { ...cart(), card: { token, tranRef: charged.tranRef } };
    expect(await completed(client.chargeToken(saved))).toMatchObject({ status: 'A' });
    expect(await client.tokens.delete({ token })).toMatchObject({ kind: 'done' });

    const typed = { number: card.number, expmonth: '12', expyear: '2039', cvv: '123' };
    const send = { key: simulator.profile.clientKey, card: typed };
    const { token: paymentToken } = (await call(simulator, 'tokenise', { send })).reply;
    const managed = { ...cart(), customer, paymentToken: String(paymentToken) };
    expect(await completed(client.chargeManagedForm(managed))).toMatchObject({ status: 'A' });

    const { amount } = own;
    const invoice = { lineItems: [{ unitCost: amount, quantity: 1 }] };
    const billed = await client.invoices.create({ ...cart(), invoice });
    expect(billed).toMatchObject({ kind: 'invoice' });
    const link = await client.links.create({ title: 'Gift', amount });
    expect(link).toMatchObject({ kind: 'done', url: expect.any(String) });
  });

  it('10. own text in the fields of the merchant: they are sent as they were given, or not at all', async () => {
    const bare = talk(pageReply());
    await bare.client.createHostedPage(pageRequest());
    expect(JSON.parse(bodyOf(bare))).not.toHaveProperty('user_defined');
    const full = talk(pageReply());
    await full.client.createHostedPage(pageRequest({ userDefined: { udf1: 'tenant-7' } }));
    expect((JSON.parse(bodyOf(full)) as Json).user_defined).toEqual({ udf1: 'tenant-7' });
  });

  it('11. a decline that passes for a success: it is a decline, and what nobody understands is unknown', async () => {
    const result = { response_status: 'D', response_code: '305', response_message: 'CVV mismatch' };
    const request = pageRequest({ amount: money(14950n, 'AED') });
    const facts = {
      ...pageReply(),
      cart_id: request.cartId,
      previous_tran_ref: 'TST2625600001234',
    };
    const refund = { ...request, tranRef: 'TST2625600001234' };
    const more = { tran_type: 'Refund', tran_currency: 'AED', tran_total: '149.50' };
    const { redirect_url: _, ...body } = { ...facts, ...more, payment_result: result };
    const declined = of('completed', await talk(body).client.refund(refund));
    expect(describeTransaction(declined.transaction)).toMatchObject({ kind: 'declined' });
    const odd = await talk([reply({ result: 'ok' })]).client.refund(refund);
    expect(odd).toMatchObject({ kind: 'unknown', reason: 'unclearAnswer' });
  });
});
