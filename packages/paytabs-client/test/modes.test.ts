import { describe, expect, it } from 'vitest';
import { MemoryIntentStore, PayTabsClient, parseMajor } from '../src/index.js';
import { fakeDispatcher } from './fake-dispatcher.js';
import { doneReply, pageReply, reply, talk } from './with-dispatcher.js';
import { rejection, stateOf } from './with-simulator.js';

const cart = {
  cartId: 'order-1001',
  amount: parseMajor('149.50', 'AED'),
  description: 'Two tickets',
};
const { cartId } = cart;
const charge = { ...cart, card: { token: 'x', tranRef: 'y' } };

describe.each([
  ['live', 'test', 'TST2625600001234'],
  ['test', 'live', 'PTE2625600001234'],
] as const)('a client of a %s profile, answered by a %s one', (expected, got, tranRef) => {
  const mismatch = { name: 'modeMismatch', tranRef, expected, got };
  const told = (events: readonly { name: string }[]) =>
    events.filter(({ name }) => name === 'modeMismatch');

  it('hands out no page', async () => {
    const { client, events, intents } = talk(pageReply({ tran_ref: tranRef }), {
      expect: expected,
    });
    expect(await client.createHostedPage(cart)).toMatchObject({
      kind: 'unknown',
      reason: 'unclearAnswer',
      tranRef,
      error: { message: expect.stringContaining(`of a ${got} profile`) },
    });
    expect(told(events)).toEqual([{ ...mismatch, operation: 'createHostedPage', cartId }]);
    expect(await stateOf(intents, cartId)).toMatchObject({ name: 'unknown', tranRef });
  });

  it.each([['A'], ['D']])(
    'says of no charge how it went, whatever its letter: %s',
    async (letter) => {
      const payment_result = { response_status: letter, response_code: '300' };
      const body = doneReply({ tran_ref: tranRef, payment_result });
      const { client, events, intents } = talk(body, { expect: expected });
      expect(await client.chargeToken(charge)).toMatchObject({ kind: 'unknown', tranRef });
      expect(told(events)).toEqual([{ ...mismatch, operation: 'chargeToken', cartId }]);
      expect(await stateOf(intents, cartId)).toMatchObject({ name: 'unknown', tranRef });
    },
  );

  it('believes it no more when it asks, and loses nothing', async () => {
    const row = doneReply({ tran_ref: tranRef });
    const { client, events, intents } = talk([reply(row), reply([row])], { expect: expected });
    await client.chargeToken(charge);
    const error = await rejection(client.check({ cartId }));
    expect(error).toMatchObject({ code: 'UNEXPECTED_REPLY', tranRef, cartId });
    expect(await stateOf(intents, cartId)).toMatchObject({ name: 'unknown', tranRef });
    expect(told(events)).toHaveLength(2);
  });

  it('lets no query say that it is paid', async () => {
    const { client, events } = talk(doneReply({ tran_ref: tranRef }), { expect: expected });
    const error = await rejection(client.query({ tranRef }));
    expect(error).toMatchObject({ code: 'UNEXPECTED_REPLY', tranRef });
    expect(told(events)).toMatchObject([mismatch]);
  });

  it('lets no invoice say that it is paid', async () => {
    const body = { invoice_status: 'paid', tran_ref: tranRef, tran_status: 'A' };
    const { client } = talk(body, { expect: expected });
    const error = await rejection(client.invoices.status({ invoiceId: 1 }));
    expect(error).toMatchObject({ code: 'UNEXPECTED_REPLY', tranRef });
  });

  it('does not take an invoice for marked', async () => {
    const body = {
      invoice_id: 1,
      invoice_currency: 'AED',
      invoice_total: '149.50',
      tran_ref: tranRef,
    };
    const { client } = talk(body, { expect: expected });
    const { amount, description } = cart;
    const request = { invoiceId: 1, amount, description, method: 'cash' } as const;
    expect(await client.invoices.markPaid(request)).toMatchObject({
      kind: 'unknown',
      error: { tranRef },
    });
  });

  it('hands out no bill', async () => {
    const body = { biller_id: '902', sadad_number: '1', cart_id: cartId, tran_ref: tranRef };
    const { client } = talk(body, { expect: expected });
    expect(await client.sadad.request(cart)).toMatchObject({ kind: 'unknown', tranRef });
  });

  it('is not asked where nobody has said what the profile is', async () => {
    const { client, events } = talk(pageReply({ tran_ref: tranRef }));
    expect(await client.createHostedPage(cart)).toMatchObject({ kind: 'page', tranRef });
    expect(told(events)).toEqual([]);
  });

  it('is believed where that is what was said', async () => {
    const { client, events } = talk(pageReply({ tran_ref: tranRef }), { expect: got });
    expect(await client.createHostedPage(cart)).toMatchObject({ kind: 'page', tranRef });
    expect(told(events)).toEqual([]);
  });
});

it('an invoice has no transaction that could say of which profile it is', async () => {
  const body = { invoice_id: 1, invoice_link: 'https://secure.paytabs.com/i/1' };
  const { client } = talk(body, { expect: 'test' });
  const invoice = { lineItems: [{ unitCost: cart.amount, quantity: 1 }] };
  expect(await client.invoices.create({ ...cart, invoice })).toMatchObject({ kind: 'invoice' });
});

describe('two profiles in one process', () => {
  const start = () => {
    const intents = new MemoryIntentStore();
    const make = (profileId: number, serverKey: string, tranRef: string) => {
      const dispatcher = fakeDispatcher(() => reply(pageReply({ tran_ref: tranRef, profileId })));
      const client = new PayTabsClient({
        profileId,
        serverKey,
        region: 'ARE',
        intents,
        dispatcher,
        maxAttempts: 1,
      });
      return { client, dispatcher };
    };
    return {
      intents,
      one: make(1, 'SAAAAAAAAA-AAAAAAAAAA-AAAAAAAAAA', 'TST1'),
      two: make(2, 'SBBBBBBBBB-BBBBBBBBBB-BBBBBBBBBB', 'TST2'),
    };
  };

  it('may use the same reference in one store, and know nothing of each other', async () => {
    const { intents, one, two } = start();
    expect(await one.client.createHostedPage(cart)).toMatchObject({
      kind: 'page',
      tranRef: 'TST1',
    });
    expect(await two.client.findIntent({ cartId })).toBeUndefined();
    expect(await two.client.createHostedPage(cart)).toMatchObject({
      kind: 'page',
      tranRef: 'TST2',
    });
    for (const [profileId, tranRef] of [
      [1, 'TST1'],
      [2, 'TST2'],
    ] as const) {
      expect((await intents.find({ profileId, cartId }))?.state).toMatchObject({ tranRef });
    }
  });

  it('send each its own key and profile', async () => {
    const { one, two } = start();
    await one.client.createHostedPage(cart);
    await two.client.createHostedPage(cart);
    for (const [{ dispatcher }, key, id] of [
      [one, 'SAAAAAAAAA-AAAAAAAAAA-AAAAAAAAAA', 1],
      [two, 'SBBBBBBBBB-BBBBBBBBBB-BBBBBBBBBB', 2],
    ] as const) {
      const [sent, ...more] = dispatcher.requests;
      expect(more).toEqual([]);
      expect(sent?.headers).toMatchObject({ authorization: key });
      expect(sent?.body).toContain(`"profile_id":${id},`);
    }
  });

  it('hear their own events and have breakers of their own', async () => {
    const { one, two } = start();
    const heard: unknown[] = [];
    two.client.events.on('requested', (event) => heard.push(event));
    await one.client.createHostedPage(cart);
    one.client.breakers.write.holdOpen();
    expect(heard).toEqual([]);
    expect(await two.client.createHostedPage(cart)).toMatchObject({ kind: 'page' });
  });
});
