import { describe, expect, it } from 'vitest';
import { describeTransaction, money, parseMajor, readNotification } from '../src/index.js';
import { testCards } from '../src/testing/index.js';
import { startShop } from './shop.js';
import { openPage, pageRequest, remembered, startPair, stateOf } from './with-simulator.js';

describe('a payment on the hosted page', () => {
  it('goes from page to signed callback to query, and only the query says paid', async () => {
    const { simulator, client, intents } = await startPair();
    const shop = await startShop();
    const { callbackUrl, returnUrl } = shop;
    const request = pageRequest({
      callbackUrl,
      returnUrl,
      description: 'Two tickets & <more>',
      customer: { name: 'Sara Haddad', email: 'sara@example.com', country: 'AE' },
      userDefined: { udf1: 'tenant-7' },
      customerRef: 'customer-9',
    });
    const page = await openPage(client, request);
    expect(page.tranRef).toMatch(/^TST\d{5}\d{8}$/);
    expect(await stateOf(intents, request.cartId)).toEqual({
      name: 'pageOpen',
      tranRef: page.tranRef,
      expiresAt: expect.any(Date),
    });

    const visit = await simulator.pay(page.redirectUrl);
    await simulator.idle();

    expect(visit.returned).toMatchObject({ status: 303, location: '/done' });
    expect(visit.fields).toMatchObject({ tranRef: page.tranRef, respStatus: 'A' });
    expect(shop.callbacks).toHaveLength(1);
    const notice = readNotification(JSON.parse(String(shop.callbacks[0]?.body)));
    expect(notice).toMatchObject({
      kind: 'reportedPaid',
      followUp: false,
      final: true,
      tranRef: page.tranRef,
      profileId: simulator.profileId,
      cartId: request.cartId,
      cartAmount: { minor: 14950n, currency: 'AED' },
      total: { minor: 14950n, currency: 'AED' },
      customerRef: 'customer-9',
      userDefined: { udf1: 'tenant-7' },
    });

    const transaction = await client.query({ tranRef: page.tranRef });
    expect(describeTransaction(transaction)).toEqual({
      kind: 'paid',
      followUp: false,
      final: true,
    });
    const byCart = await client.queryByCart({ cartId: request.cartId });
    expect(byCart.map((each) => each.tranRef)).toEqual([page.tranRef]);
    expect(simulator.issuerLog()).toMatchObject([
      { action: 'charge', approved: true, amount: { minor: 14950n } },
    ]);
  });

  it.each([
    ['149.50', 'AED', '149.50'],
    ['0.01', 'SAR', '0.01'],
    ['1200', 'JPY', '1200'],
    ['12.345', 'KWD', '12.345'],
    ['9007199254.99', 'USD', '9007199254.99'],
  ] as const)('sends %s %s as exactly these digits', async (text, currency, digits) => {
    const { simulator, client } = await startPair();
    await openPage(client, pageRequest({ amount: parseMajor(text, currency) }));
    expect(simulator.requests()[0]?.body).toContain(`"cart_amount":${digits},`);
    expect(simulator.ledger()[0]?.cartAmount).toEqual(parseMajor(text, currency));
  });

  it.each([
    ['a wrong security code', { card: 'wrongCvv' }, 'declined', '305'],
    [
      'an expired card',
      { card: { ...testCards.visa, expiryMonth: 8, expiryYear: 2020 } },
      'declined',
      '300',
    ],
    ['a rejected 3-D Secure step', { card: 'visa3ds', action: 'reject' }, 'declined', '310'],
    ['a passed 3-D Secure step', { card: 'mastercard3ds' }, 'paid', undefined],
    ['a cancelled page', { action: 'cancel' }, 'cancelled', '321'],
  ] as const)('ends with %s as %s', async (_, choice, kind, code) => {
    const { simulator, client } = await startPair();
    const page = await openPage(client);
    await simulator.pay(page.redirectUrl, choice);
    const transaction = await client.query({ tranRef: page.tranRef });
    expect(describeTransaction(transaction).kind).toBe(kind);
    expect(transaction.responseCode).toMatch(code ?? /^G\d{5}$/);
  });

  it('is not found while nobody has acted on its page', async () => {
    const { client } = await startPair();
    const request = pageRequest();
    const page = await openPage(client, request);
    await expect(client.query({ tranRef: page.tranRef })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      gatewayCode: 113,
      httpStatus: 400,
      tranRef: page.tranRef,
      trace: expect.stringMatching(/^PMNT0101\./),
    });
    expect(await client.queryByCart({ cartId: request.cartId })).toEqual([]);
  });

  it('holds an amount instead of taking it when asked to', async () => {
    const { simulator, client } = await startPair();
    const page = await openPage(client, pageRequest({ type: 'auth' }));
    await simulator.pay(page.redirectUrl);
    const transaction = await client.query({ tranRef: page.tranRef });
    expect(describeTransaction(transaction).kind).toBe('authorised');
    expect(simulator.issuerLog()).toMatchObject([{ action: 'hold' }]);
  });
});

describe('a request that cannot be right', () => {
  it.each([
    ['an empty cart id', { cartId: '' }],
    ['a cart id of 65 letters', { cartId: 'x'.repeat(65) }],
    ['a cart id with a space', { cartId: 'order 1' }],
    ['no amount', { amount: undefined as never }],
    ['an amount of zero', { amount: money(0n, 'AED') }],
    ['a negative amount', { amount: money(-1n, 'AED') }],
    ['a float as amount', { amount: { minor: 149.5, currency: 'AED' } as never }],
    ['a description of 129 letters', { description: 'x'.repeat(129) }],
    ['a bad email', { customer: { email: 'sara' } }],
    ['a callback that is no URL', { callbackUrl: '/callback' }],
    ['a javascript: return', { returnUrl: 'javascript:alert(1)' }],
    ['card data', { card_details: { pan: '4111111111111111' } } as never],
    ['an unknown field', { discount: 5 } as never],
  ])('is refused here, before anything is stored or sent: %s', async (_, wrong) => {
    const { simulator, client, intents } = await startPair();
    const request = pageRequest(wrong);
    await expect(client.createHostedPage(request)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(simulator.requests()).toEqual([]);
    expect(await remembered(intents)).toEqual([]);
  });
});
