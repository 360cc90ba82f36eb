import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MemoryIntentStore, PayTabsClient } from '../src/index.js';
import { exposed } from './exposed.js';
import { fakeDispatcher } from './fake-dispatcher.js';
import {
  intentOf,
  pageRequest,
  paidSale,
  recordEvents,
  rejection,
  resultOf,
  startPair,
  unknownEnd,
} from './with-simulator.js';

const serverKey = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
const cardNumber = '4111111111111111';

const clientOf = (body: string, status = 200, intents = new MemoryIntentStore()) =>
  new PayTabsClient({
    intents,
    profileId: 98765,
    serverKey,
    region: 'ARE',
    dispatcher: fakeDispatcher(() => ({ status, body })),
    maxAttempts: 1,
  });

describe('no secret', () => {
  it('is shown by the client itself', () => {
    const client = clientOf('{}');
    expect(exposed(client)).not.toContain(serverKey);
    expect(JSON.parse(JSON.stringify(client))).toEqual({
      name: 'PayTabsClient',
      profileId: 98765,
      origin: 'https://secure.paytabs.com',
    });
  });

  it.each([
    [
      'a page that echoes the request',
      `<html>authorization: ${serverKey} pan=${cardNumber}</html>`,
    ],
    [
      'an error that echoes the request',
      `{"code":2,"message":"${serverKey} 4111 1111 1111 1111","trace":"${serverKey}"}`,
    ],
    [
      'a field that echoes the request',
      `{"tran_ref":"${serverKey}","payment_result":"${cardNumber}"}`,
    ],
    [
      'an error that echoes the request in small letters',
      `{"code":2,"message":"${serverKey.toLowerCase()}","tran_ref":"${serverKey.toLowerCase()}"}`,
    ],
    [
      'an error that echoes the card in place of a reference',
      `{"code":2,"message":"cvv=123","tran_ref":"${cardNumber}"}`,
    ],
  ])('comes back in an error after %s', async (_, body) => {
    for (const status of [200, 400, 401, 500]) {
      const intents = new MemoryIntentStore();
      const client = clientOf(body, status, intents);
      const events = recordEvents(client);
      const request = pageRequest();
      const written = await resultOf(client.createHostedPage(request));
      const told = [
        await rejection(client.query({ tranRef: 'TST1' })),
        written,
        (written as { error?: unknown }).error,
        await intentOf(intents, request.cartId),
      ];
      for (const shown of [...told, events]) {
        expect(exposed(shown)).not.toContain(serverKey);
        expect(exposed(shown).toUpperCase()).not.toContain(serverKey);
        expect(exposed(shown)).not.toContain(cardNumber);
        expect(exposed(shown)).not.toContain('cvv=123');
        expect(exposed(shown)).not.toContain('1111 1111');
      }
    }
  });

  it.each([
    ['is cut off', (whole: string) => whole.slice(0, -2)],
    ['has a field of another type', (whole: string) => whole.replace('"A"', 'null')],
    ['is wrapped in a page', (whole: string) => `<pre>${whole}</pre>`],
  ])('of the customer is told by an error when the answer %s', async (_, spoil) => {
    const whole = JSON.stringify({
      token: '2C4652BF67A3EA33C6B590FE658078BD',
      tran_ref: 'TST1',
      payment_result: { response_status: 'A' },
      customer_details: { name: 'Sara Haddad', email: 'sara@example.com' },
    });
    const error = await rejection(clientOf(spoil(whole)).query({ tranRef: 'TST1' }));
    expect(error).toMatchObject({ code: 'UNEXPECTED_REPLY' });
    expect((error as { excerpt?: string }).excerpt).toContain('customer_details');
    expect(exposed(error)).not.toMatch(/2C4652BF|sara|haddad|example\.com/i);
  });

  it('comes back in the raw answer, when something on the way echoes the key', async () => {
    expect(await echoed()).toMatchObject([{ raw: { echo: 'authorization: [key]' } }]);
  });

  it('comes back in an error when the connection fails', async () => {
    const { simulator, client, events } = await startPair();
    simulator.faults.add({ kind: 'reset' });
    const { error } = await unknownEnd(client.createHostedPage(pageRequest()));
    const errors: unknown[] = [error];
    await simulator.refuseConnections();
    errors.push(await rejection(client.query({ tranRef: 'TST1' })));
    expect(exposed([errors, events])).not.toContain(simulator.serverKey);
  });

  it('comes back from an impossible option', () => {
    for (const wrong of [`${serverKey} x`, `C${serverKey}`, serverKey.replaceAll('-', '')]) {
      let error: unknown;
      try {
        new PayTabsClient({ profileId: 98765, serverKey: wrong, region: 'ARE' });
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ code: 'INVALID_OPTION' });
      expect(exposed(error)).not.toContain('J6KD9M2PQR');
    }
  });

  it.each([
    ['region', serverKey],
    ['region', 'hunter2'],
    ['baseUrl', `https://merchant:hunter2@example.com/`],
    ['baseUrl', `http://example.com/?key=${serverKey}`],
    ['timeoutMs', serverKey],
    ['intents', serverKey],
    ['dispatcher', { key: serverKey }],
    ['clock', [serverKey]],
    ['breakers', { read: serverKey }],
    ['breakers', { read: { failureRate: serverKey } }],
  ])('comes back from the option %s, where it was put by mistake', (option, value) => {
    const base = option === 'baseUrl' ? {} : { region: 'ARE' };
    let error: unknown;
    try {
      new PayTabsClient({ profileId: 98765, serverKey, ...base, [option]: value } as never);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'INVALID_OPTION' });
    expect(String(error)).toContain(option);
    expect(exposed(error)).not.toMatch(/J6KD9M2PQR|hunter2/);
  });

  it('lies in stored intents, in events of a whole payment, or in the books of the simulator', async () => {
    const intents = new MemoryIntentStore();
    const { simulator, client, events } = await startPair({ client: { intents } });
    const { tranRef, cartId } = await paidSale({ simulator, client });
    await client.query({ tranRef });
    const books = [
      await intentOf(intents, cartId),
      events,
      simulator.ledger(),
      simulator.issuerLog(),
      simulator.requests(),
      simulator.deliveries(),
    ];
    const shown = inspect(books, { depth: 20 });
    expect(shown).not.toContain(simulator.serverKey);
    expect(shown).not.toContain(cardNumber);
    expect(shown).not.toMatch(/cvv/i);
  });
});

/** A query by cart whose answer holds what was sent. */
const echoed = () => {
  const body = {
    tran_ref: 'TST1',
    tran_type: 'Sale',
    cart_id: 'order-1',
    cart_currency: 'AED',
    cart_amount: '1.00',
    tran_total: '1.00',
    payment_result: { response_status: 'A' },
    echo: `authorization: ${serverKey}`,
  };
  return clientOf(JSON.stringify([body])).queryByCart({ cartId: 'order-1' });
};
