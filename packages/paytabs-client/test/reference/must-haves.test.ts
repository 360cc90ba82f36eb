import { createMemoryReplayStore } from '@nestcms/webhook-security';
import { describe, expect, it } from 'vitest';
import {
  createNotificationVerifier,
  describeTransaction,
  PayTabsClient,
  type PayTabsClientOptions,
} from '../../src/index.js';
import { startShop } from '../shop.js';
import { bodyOf, reply, serverKey, talk } from '../with-dispatcher.js';
import {
  intentOf,
  openPage,
  pageRequest,
  paidSale,
  rejection,
  remembered,
  startPair,
} from '../with-simulator.js';
import { typedCalls } from './typed-calls.js';

const otherKey = 'SOTHER0000-OTHER00000-OTHER00000';

describe('"Authentication failed"', () => {
  it('names what is usually wrong', async () => {
    const { client } = await startPair({ client: { serverKey: otherKey } });
    const error = await rejection(client.query({ tranRef: 'TST2625600001234' }));
    expect(error).toMatchObject({ code: 'AUTHENTICATION_FAILED', gatewayCode: 1, httpStatus: 401 });
    const { message } = error as Error;
    for (const cause of ['region', 'profile', 'server key', 'mobile', 'currency', 'country']) {
      expect(message).toContain(cause);
    }
  });

  it('cannot come of a region that nobody gave, nor of a space in the key', () => {
    const make = (more: object) =>
      new PayTabsClient({ profileId: 98765, serverKey, ...more } as PayTabsClientOptions);
    const refused = expect.objectContaining({ code: 'INVALID_OPTION' });
    expect(() => make({})).toThrow(refused);
    expect(() => make({ region: 'ARE', serverKey: serverKey.replace('-', ' -') })).toThrow(refused);
  });

  it('is found out by a probe, which makes nothing', async () => {
    const { simulator, client, intents } = await startPair();
    await client.probe();
    expect(simulator.ledger()).toEqual([]);
    expect(await remembered(intents)).toEqual([]);
    const wrong = await startPair({ client: { serverKey: otherKey } });
    expect(await rejection(wrong.client.probe())).toMatchObject({ code: 'AUTHENTICATION_FAILED' });
  });

  it.each([
    ['it is not found', { code: 113, message: 'Transaction not found' }, 400],
    ['the request is not valid', { code: 2, message: 'Invalid request' }, 400],
    ['there is nothing', [], 200],
  ])('is ruled out by a probe, whether the gateway says that %s', async (_, body, status) => {
    await expect(talk([reply(body, status)]).client.probe()).resolves.toBeUndefined();
  });

  it('is not ruled out when nobody could be asked', async () => {
    const { client } = talk([reply('<html></html>', 503)]);
    expect(await rejection(client.probe())).toMatchObject({ code: 'GATEWAY_UNAVAILABLE' });
  });
});

it.each(Object.entries(typedCalls))(
  '"must be in JSON format": %s says that it is',
  async (_, { send }) => {
    const talked = talk([reply({ code: 2, message: 'x' }, 400)], { ownForm: 'iAmPciDssSaqD' });
    await rejection(send(talked.client));
    expect(talked.requests).toMatchObject([{ headers: { 'content-type': 'application/json' } }]);
    expect(JSON.parse(bodyOf(talked))).toMatchObject({ profile_id: 98765 });
  },
);

describe('an order that stays pending though it is paid', () => {
  it.each([
    'http://shop.example.com/callback',
    'https://shop.example.com:8443/callback',
    'https://192.168.1.7/callback',
    'https://localhost/callback',
  ])('cannot come of a callback that the gateway does not reach: %s', async (callbackUrl) => {
    const talked = talk({});
    const error = await rejection(talked.client.createHostedPage(pageRequest({ callbackUrl })));
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('callbackUrl'),
    });
    expect(talked.requests).toEqual([]);
  });

  it('is found by reconciling, without any callback', async () => {
    const { simulator, client, intents } = await startPair({
      client: { reconcile: { tellAfterMs: 0 } },
    });
    const page = await openPage(client);
    await simulator.pay(page.redirectUrl, { closeTab: true });
    await client.check({ cartId: page.cartId });
    const told: string[] = [];
    await client.reconcile({
      onEnded: ({ intent: { state } }) => {
        if (state.name === 'done') told.push(describeTransaction(state.seen).kind);
      },
    });
    expect(told).toEqual(['paid']);
    expect(await intentOf(intents, page.cartId)).toMatchObject({ state: { name: 'done' } });
  });
});

it('an order is not paid twice: a notice counts once, and a refund is none of a payment', async () => {
  const pair = await startPair();
  const shop = await startShop();
  const { simulator, client } = pair;
  const { callbackUrl } = shop;
  const { tranRef } = await paidSale(pair, { callbackUrl });
  await simulator.deliver(tranRef, { times: 4 });
  const { cartAmount: amount } = await client.query({ tranRef });
  const refund = { tranRef, cartId: 'refund-1', amount, description: 'Back', callbackUrl };
  await client.refund(refund);
  await simulator.idle();

  const replay = { store: createMemoryReplayStore() };
  const verifier = createNotificationVerifier({ keys: [simulator.serverKey], replay });
  const seen: string[] = [];
  for (const { method, headers, body } of shop.callbacks) {
    const verdict = await verifier.verify({ method, headers, body });
    if (verdict.verdict !== 'accepted') seen.push('refused');
    else seen.push(`${verdict.payload.kind}${verdict.payload.followUp ? ', follow-up' : ''}`);
  }
  const again = Array(4).fill('refused') as string[];
  expect(seen).toEqual(['reportedPaid', ...again, 'refunded, follow-up']);
});
