import { createWebhookVerifier, payTabsReturn } from '@nestcms/webhook-security';
import * as webhookTesting from '@nestcms/webhook-security/testing';
import { describe, expect, it } from 'vitest';
import { checkBinding, createNotificationVerifier, readNotification } from '../src/index.js';
import type { NoticeMutation, Simulator } from '../src/testing/index.js';
import { type Received, startShop } from './shop.js';
import { openPage, pageRequest, paidSale, startPair } from './with-simulator.js';

const verify = (simulator: Simulator, { method, headers, body }: Received) =>
  createNotificationVerifier({ keys: [simulator.serverKey] }).verify({ method, headers, body });

const startWithShop = async () => {
  const pair = await startPair();
  const shop = await startShop();
  const { callbackUrl, returnUrl } = shop;
  const request = pageRequest({
    callbackUrl,
    returnUrl,
    description: 'Tea & <cake> for Zoë, شاي',
    customer: { email: "sara+o'neil~x@example.com" },
  });
  const sale = await paidSale(pair, request);
  await pair.simulator.idle();
  return { ...pair, shop, request, sale };
};

const last = (requests: readonly Received[]): Received => {
  const request = requests.at(-1);
  if (request === undefined) throw new Error('nothing was received');
  return request;
};

describe('a callback of the simulator', () => {
  it('passes the verifier, which was written apart from its signer', async () => {
    const { simulator, shop, request, sale } = await startWithShop();
    const callback = last(shop.callbacks);
    expect(callback.headers).toMatchObject({
      'user-agent': 'Go-http-client/1.1',
      'content-type': 'application/json',
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
      'client-key': simulator.profile.clientKey,
    });
    // Go's encoder escapes these three; the signature is over exactly these bytes.
    expect(String(callback.body)).toContain('Tea \\u0026 \\u003ccake\\u003e for Zoë, شاي');

    const verdict = await verify(simulator, callback);
    if (verdict.verdict !== 'accepted') throw new Error('The notice was not accepted.');
    expect(verdict.stale).toBe(false);
    const notice = verdict.payload;
    expect(notice).toMatchObject({ kind: 'reportedPaid', tranRef: sale.tranRef });
    const { profileId } = simulator;
    const { cartId, amount } = request;
    expect(checkBinding(notice, { profileId, cartId, amount })).toEqual({ bound: true });
  });

  it.each<[string & NoticeMutation, object]>([
    ['forged', { verdict: 'refused', reason: 'signature' }],
    ['unsigned', { verdict: 'refused', reason: 'header-missing' }],
    ['tampered', { verdict: 'refused', reason: 'signature' }],
    ['reserialised', { verdict: 'refused', reason: 'signature' }],
    ['stale', { verdict: 'accepted', stale: true }],
    ['otherProfile', { verdict: 'accepted', stale: false }],
  ])('can be sent again as %s, with the verdict that deserves', async (mutate, verdict) => {
    const { simulator, shop, sale } = await startWithShop();
    await simulator.deliver(sale.tranRef, { mutate });
    expect(await verify(simulator, last(shop.callbacks))).toMatchObject(verdict);
  });

  it('that names another profile is not bound, however well it is signed', async () => {
    const { simulator, shop, sale, request } = await startWithShop();
    await simulator.deliver(sale.tranRef, { mutate: 'otherProfile' });
    const notice = readNotification(JSON.parse(String(last(shop.callbacks).body)));
    const { cartId, amount } = request;
    expect(checkBinding(notice, { profileId: simulator.profileId, cartId, amount })).toEqual({
      bound: false,
      mismatches: [{ field: 'profileId', expected: '98765', actual: '98766' }],
    });
  });

  it('can be changed by a function and signed again', async () => {
    const { simulator, shop, sale } = await startWithShop();
    const mutate = (body: Record<string, unknown>) => ({ ...body, cart_amount: '0.01' });
    await simulator.deliver(sale.tranRef, { mutate });
    expect(await verify(simulator, last(shop.callbacks))).toMatchObject({ verdict: 'accepted' });
    expect(String(last(shop.callbacks).body)).toContain('"cart_amount":"0.01"');
  });

  it('can be sent fifty times at once, by the same bytes', async () => {
    const { simulator, shop, sale } = await startWithShop();
    const deliveries = await simulator.deliver(sale.tranRef, { times: 50, parallel: 50 });
    expect(deliveries.map((each) => each.status)).toEqual(Array(50).fill(200));
    expect(new Set(shop.callbacks.map(({ body }) => String(body))).size).toBe(1);
    expect(shop.callbacks).toHaveLength(51);
  });

  it('is sent again, growing later and unchanged, until the answer is 200', async () => {
    const { simulator, client } = await startPair();
    const shop = await startShop();
    shop.answerCallbacksWith(500, 302, 204);
    const { tranRef } = await paidSale({ simulator, client }, { callbackUrl: shop.callbackUrl });
    for (const waitMs of [2000, 10_000, 60_000, 300_000, 900_000]) {
      await simulator.idle();
      simulator.advance(waitMs);
    }
    await simulator.idle();
    const deliveries = simulator.deliveries();
    expect(deliveries.map(({ status, attempt }) => [attempt, status])).toEqual([
      [1, 500],
      [2, 302],
      [3, 204],
      [4, 200],
    ]);
    expect(deliveries.every((delivery) => delivery.tranRef === tranRef)).toBe(true);
    expect(new Set(shop.callbacks.map(({ headers }) => headers.signature)).size).toBe(1);
  });

  it('is given up after five further tries', async () => {
    const { simulator, client } = await startPair();
    const shop = await startShop();
    shop.answerCallbacksWith(...Array(20).fill(500));
    await paidSale({ simulator, client }, { callbackUrl: shop.callbackUrl });
    for (let time = 0; time < 10; time += 1) {
      await simulator.idle();
      simulator.advance(3_600_000);
    }
    expect(simulator.deliveries()).toHaveLength(6);
  });
});

describe('a browser return of the simulator', () => {
  it('passes the verifier, with the encoding of a browser on the wire', async () => {
    const { simulator, shop, sale } = await startWithShop();
    const verifier = createWebhookVerifier({
      scheme: payTabsReturn(),
      keys: [simulator.serverKey],
    });
    const { method, headers, body } = last(shop.returns);
    const verdict = await verifier.verify({ method, headers, body });
    expect(verdict).toMatchObject({
      verdict: 'accepted',
      payload: {
        tranRef: sale.tranRef,
        respStatus: 'A',
        customerEmail: "sara+o'neil~x@example.com",
      },
    });
    const forged = Buffer.from(String(body).replace('respStatus=A', 'respStatus=D'));
    expect(await verifier.verify({ method, headers, body: forged })).toMatchObject({
      verdict: 'refused',
      reason: 'signature',
    });
  });

  it('comes by GET and empty to a plain HTTP address, as in reality', async () => {
    const { simulator, client } = await startPair({ simulator: { allowLocalCallback: false } });
    const shop = await startShop();
    const page = await openPage(client, pageRequest({ returnUrl: shop.returnUrl }));
    await simulator.pay(page.redirectUrl);
    expect(shop.returns).toMatchObject([{ method: 'GET', path: '/return' }]);
  });

  it.each([
    'https://shop.example.com:8443/callback',
    'https://localhost/callback',
    'http://10.1.2.3/callback',
  ])('is refused as a callback address unless local ones are allowed: %s', async (callbackUrl) => {
    const { client } = await startPair({ simulator: { allowLocalCallback: false } });
    await expect(client.createHostedPage(pageRequest({ callbackUrl }))).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('allowLocalCallback'),
    });
  });
});

describe('the notification verifier', () => {
  const { signPayTabsCallback } = webhookTesting;
  const key = 'SXXXXXXXXX-XXXXXXXXXX-XXXXXXXXXX';
  const signed = (body: string) => ({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      signature: signPayTabsCallback(Buffer.from(body), key),
    },
    body: Buffer.from(body),
  });

  it('refuses a signed body that is no notice', async () => {
    const verifier = createNotificationVerifier({ keys: [key] });
    expect(await verifier.verify(signed('{"hello":"world"}'))).toMatchObject({
      verdict: 'refused',
      stage: 'payload',
    });
  });

  it('refuses keys that can be none', () => {
    expect(() => createNotificationVerifier({ keys: [' '] })).toThrow(/key/i);
  });
});
