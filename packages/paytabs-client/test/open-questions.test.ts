import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import {
  balanceOf,
  createNotificationVerifier,
  createReturnVerifier,
  describeTransaction,
  money,
  type PayTabsClientOptions,
  parseMajor,
  RECONCILE_DEFAULTS,
} from '../src/index.js';
import type { ReturnVariants, SimulatorOptions } from '../src/testing/index.js';
import { startShop } from './shop.js';
import {
  completed,
  openPage,
  pageRequest,
  paidSale,
  rejection,
  startPair,
  stateOf,
  unknownEnd,
} from './with-simulator.js';

/** Simulator and client on one clock that the test moves. */
const startOnClock = async (
  simulator: SimulatorOptions = {},
  client: Partial<PayTabsClientOptions> = {},
) => {
  const clock = new ManualClock();
  const pair = await startPair({
    simulator: { clock, ...simulator },
    client: { clock, ...client },
  });
  /** Time goes by, and reconciling looks at what is due. */
  const pass = async (ms: number, rounds = 1) => {
    for (let round = 0; round < rounds; round += 1) {
      clock.advance(ms);
      await pair.client.reconcile();
    }
  };
  return { ...pair, clock, pass };
};

/** What a charge of a card needs beyond a page. */
const ownCard = {
  card: { number: '4111111111111111', cvv: '123', expiryMonth: 12, expiryYear: 2030 },
  customer: {
    name: 'Amal Nabil',
    email: 'amal@example.com',
    phone: '+96550000000',
    street: 'Gulf Rd 1',
    city: 'Kuwait',
    state: 'KU',
    country: 'KW',
    ip: '203.0.113.10',
  },
  callbackUrl: 'https://shop.example.com/paytabs/callback',
  returnUrl: 'https://shop.example.com/paytabs/return',
};

describe('a page that a query shows before anybody has acted on it', () => {
  it('counts as pending, neither paid nor failed, and goes to a person in the end', async () => {
    const { client, intents, pass } = await startOnClock({ temporary: 'visible' });
    const { cartId } = await openPage(client);
    await client.check({ cartId });
    expect(await stateOf(intents, cartId)).toMatchObject({
      name: 'pending',
      seen: { status: 'P' },
    });
    await pass(RECONCILE_DEFAULTS.pendingForMs);
    expect(await stateOf(intents, cartId)).toMatchObject({
      name: 'disputed',
      reason: 'neverDecided',
    });
  });

  it('is paid all the same when its shopper pays', async () => {
    const { simulator, client } = await startOnClock({ temporary: 'visible' });
    const { cartId, redirectUrl } = await openPage(client);
    await client.check({ cartId });
    await simulator.pay(redirectUrl);
    const { state } = await client.check({ cartId });
    expect(state).toMatchObject({ name: 'done', seen: { status: 'A' } });
  });
});

it('an unknown cart that is answered with an error nobody knows is not taken for absent', async () => {
  const { simulator, client, intents, pass } = await startOnClock();
  simulator.faults.add({ kind: 'reset', when: 'before' });
  const { cartId } = await unknownEnd(client.createHostedPage(pageRequest()));
  const body = { code: 2, message: 'No such cart', trace: 'T' };
  simulator.faults.add({ kind: 'reply', route: 'query', times: 'always', status: 404, body });
  expect(await rejection(client.check({ cartId }))).toMatchObject({ code: 'INVALID_REQUEST' });
  await pass(RECONCILE_DEFAULTS.maxCheckMs, 30);
  expect(await stateOf(intents, cartId)).toMatchObject({ name: 'unknown' });
});

describe('the duplicate guard', () => {
  it('stops no second refund of the same amount, for each has a reference of its own', async () => {
    const pair = await startPair({ simulator: { duplicateGuard: 'all' } });
    const { tranRef } = await paidSale(pair);
    for (const part of ['a', 'b']) {
      const refund = { tranRef, cartId: `refund-${part}`, amount: money(100n, 'AED') };
      const done = await completed(pair.client.refund({ ...refund, description: 'Part' }));
      expect(describeTransaction(done).kind).toBe('refunded');
    }
  });

  it('that refuses a follow-up makes its end unknown, not refused', async () => {
    const pair = await startPair();
    const { tranRef } = await paidSale(pair);
    const body = { code: 4, message: 'Duplicate Request', trace: 'T' };
    pair.simulator.faults.add({ kind: 'reply', status: 409, body, when: 'before' });
    const refund = pair.client.refund({ ...pageRequest(), tranRef });
    expect(await unknownEnd(refund)).toMatchObject({ reason: 'duplicate' });
  });
});

it('a pause (429) that was asked for after all was done is found out by one look', async () => {
  const pair = await startPair();
  const { tranRef } = await paidSale(pair);
  const refund = { ...pageRequest({ amount: money(100n, 'AED') }), tranRef };
  pair.simulator.faults.add({ kind: 'reply', status: 429, body: { message: 'Slow down' } });
  expect(await rejection(pair.client.refund(refund))).toMatchObject({ code: 'RATE_LIMITED' });
  expect(await stateOf(pair.intents, refund.cartId)).toMatchObject({ name: 'refused' });
  const { state } = await pair.client.check({ cartId: refund.cartId });
  expect(state).toMatchObject({ name: 'done', seen: { status: 'A' } });
  expect(pair.events.filter(({ name }) => name === 'corrected')).toHaveLength(1);
});

describe('an amount with three decimals', () => {
  const request = () => pageRequest({ amount: parseMajor('12.345', 'KWD') });

  it('is sent with all of them, down to the smallest', async () => {
    const { simulator, client } = await startPair();
    await openPage(client, request());
    await openPage(client, pageRequest({ amount: parseMajor('0.001', 'KWD') }));
    const bodies = simulator.requests().map(({ body }) => body);
    expect(bodies[0]).toContain('"cart_amount":12.345,');
    expect(bodies[1]).toContain('"cart_amount":0.001,');
  });

  it.each([
    ['12.35', 'unknown'],
    ['12.34', 'unknown'],
    ['12.3450', 'page'],
  ])('that comes back as %s is %s: rounded is another amount', async (amount, kind) => {
    const { simulator, client } = await startPair();
    simulator.faults.add({ kind: 'alter', set: { cart_amount: amount } });
    expect((await client.createHostedPage(request())).kind).toBe(kind);
  });
});

describe('a gateway that knows two decimals of a dinar', () => {
  const start = () => startOnClock({ decimals: 'two' }, { ownForm: 'iAmPciDssSaqD' });
  const dinars = (text: string) => pageRequest({ amount: parseMajor(text, 'KWD') });

  it('takes 12.340, tells 12.34, and is believed', async () => {
    const { simulator, client, intents } = await start();
    const { tranRef, cartId } = await paidSale({ simulator, client }, dinars('12.340'));
    const { raw, ...sale } = await client.query({ tranRef });
    expect(raw).toMatchObject({ cart_amount: '12.34', tran_total: '12.34' });
    expect(sale.total).toEqual(money(12_340n, 'KWD'));
    await client.check({ cartId });
    expect(await stateOf(intents, cartId)).toMatchObject({ name: 'done', seen: { status: 'A' } });
  });

  it('shows nobody a page with another amount than 12.345', async () => {
    const { client } = await start();
    expect((await client.createHostedPage(dinars('12.345'))).kind).toBe('unknown');
  });

  it('that charges 12.350 for 12.345 is not believed: a person is asked', async () => {
    const { simulator, client, intents, pass } = await start();
    const { cartId } = await unknownEnd(client.chargeCard({ ...dinars('12.345'), ...ownCard }));
    expect(simulator.issuerLog()).toMatchObject([{ approved: true, amount: { minor: 12_350n } }]);
    await pass(RECONCILE_DEFAULTS.maxCheckMs);
    expect(await stateOf(intents, cartId)).toMatchObject({
      name: 'disputed',
      reason: 'otherAmount',
    });
  });

  it('that gives back 1.230 for 1.234 is not believed either', async () => {
    const { simulator, client, intents, pass } = await start();
    const { tranRef } = await paidSale({ simulator, client }, dinars('12.340'));
    const { cartId } = await unknownEnd(client.refund({ ...dinars('1.234'), tranRef }));
    expect(simulator.issuerLog().at(-1)).toMatchObject({
      action: 'refund',
      amount: { minor: 1_230n },
    });
    await pass(RECONCILE_DEFAULTS.maxCheckMs);
    expect(await stateOf(intents, cartId)).toMatchObject({
      name: 'disputed',
      reason: 'otherAmount',
    });
  });

  it('refuses what rounds to nothing', async () => {
    const { client, intents } = await start();
    const request = dinars('0.004');
    expect(await rejection(client.createHostedPage(request))).toMatchObject({
      code: 'INVALID_REQUEST',
    });
    expect(await stateOf(intents, request.cartId)).toMatchObject({ name: 'refused' });
  });
});

it('a notice sent again is the same delivery, also with a trace of its own', async () => {
  const shop = await startShop();
  const clock = new ManualClock();
  const { simulator, client } = await startPair({ simulator: { clock, retryTrace: 'new' } });
  shop.answerCallbacksWith(500);
  await paidSale({ simulator, client }, { callbackUrl: shop.callbackUrl });
  await simulator.idle();
  await clock.advanceAsync(2_000);
  await simulator.idle();
  const verifier = createNotificationVerifier({ keys: [simulator.serverKey] });
  const verdicts = await Promise.all(shop.callbacks.map((each) => verifier.verify(each)));
  const accepted = verdicts.filter((each) => each.verdict === 'accepted');
  expect(new Set(accepted.map(({ payload }) => payload.ipnTrace)).size).toBe(2);
  expect(new Set(accepted.map(({ deliveryId }) => deliveryId)).size).toBe(1);
});

describe('a return', () => {
  const verdictOn = async (returnSignature: Partial<ReturnVariants>, email: string) => {
    const shop = await startShop();
    const pair = await startPair({ simulator: { returnSignature } });
    // A bank whose words are white space.
    pair.simulator.bank.next({ kind: 'decline', code: '300', message: ' ' });
    const customer = { ...ownCard.customer, email };
    await paidSale(pair, { returnUrl: shop.returnUrl, customer });
    const [request] = shop.returns;
    if (request === undefined) throw new Error('nothing came back');
    return createReturnVerifier({ keys: [pair.simulator.serverKey] }).verify(request);
  };

  it.each([
    [{}, 'a*b@example.com'],
    [{ star: 'bare' }, 'a~b@example.com'],
    [{ tilde: 'bare' }, 'a~b@example.com'],
  ] as const)('that is signed with %j for %s is taken', async (variant, email) => {
    expect(await verdictOn(variant, email)).toMatchObject({ verdict: 'accepted' });
  });

  it.each([
    [{ star: 'bare' }, 'a*b@example.com'],
    [{ blank: 'drop' }, 'ab@example.com'],
  ] as const)('that is signed with %j for %s is refused', async (variant, email) => {
    expect(await verdictOn(variant, email)).toMatchObject({
      verdict: 'refused',
      reason: 'signature',
    });
  });
});

it('a lost answer is found though queries show it ten minutes late', async () => {
  const { simulator, client, intents, pass } = await startOnClock({ queryDelayMs: 600_000 });
  const { tranRef } = await paidSale({ simulator, client });
  await pass(600_000);
  simulator.faults.add({ kind: 'reset' });
  const refund = client.refund({ ...pageRequest({ amount: money(100n, 'AED') }), tranRef });
  const { cartId } = await unknownEnd(refund);
  await pass(RECONCILE_DEFAULTS.maxCheckMs, 4);
  expect(await stateOf(intents, cartId)).toMatchObject({ name: 'unknown' });
  await pass(RECONCILE_DEFAULTS.maxCheckMs, 4);
  expect(await stateOf(intents, cartId)).toMatchObject({ name: 'done', seen: { status: 'A' } });
});

describe('the void of a sale', () => {
  it('is refused, and says that nothing was done', async () => {
    const pair = await startPair();
    const { tranRef } = await paidSale(pair);
    const voided = await completed(pair.client.void({ ...pageRequest(), tranRef }));
    expect(describeTransaction(voided).kind).toBe('failed');
    expect(voided.responseCode).toBe('118');
    expect(describeTransaction(await pair.client.query({ tranRef })).kind).toBe('paid');
  });

  it('is told as done where it is allowed, and leaves nothing to give back', async () => {
    const pair = await startPair({ simulator: { voidOfSale: 'allowed' } });
    const { tranRef } = await paidSale(pair);
    const voided = await completed(pair.client.void({ ...pageRequest(), tranRef }));
    expect(describeTransaction(voided).kind).toBe('voided');
    const sale = await pair.client.query({ tranRef });
    expect(describeTransaction(sale).kind).toBe('voided');
    expect(balanceOf(sale, [voided]).refundable.minor).toBe(0n);
    const refund = await completed(pair.client.refund({ ...pageRequest(), tranRef }));
    expect(describeTransaction(refund).kind).toBe('failed');
    expect(pair.simulator.issuerLog().map(({ action }) => action)).toEqual(['charge', 'refund']);
  });

  it('leaves nothing to give back either where the sale is shown as before', async () => {
    const options = { voidOfSale: 'allowed', voidedParents: 'unchanged' } as const;
    const pair = await startPair({ simulator: options });
    const { tranRef } = await paidSale(pair);
    const voided = await completed(pair.client.void({ ...pageRequest(), tranRef }));
    const sale = await pair.client.query({ tranRef });
    expect(sale.status).toBe('A');
    expect(balanceOf(sale, [voided]).refundable.minor).toBe(0n);
  });

  it('whose answer was lost is found', async () => {
    const { simulator, client, intents, pass } = await startOnClock({ voidOfSale: 'allowed' });
    const { tranRef } = await paidSale({ simulator, client });
    simulator.faults.add({ kind: 'reset' });
    const { cartId } = await unknownEnd(client.void({ ...pageRequest(), tranRef }));
    await pass(RECONCILE_DEFAULTS.maxCheckMs);
    expect(await stateOf(intents, cartId)).toMatchObject({ name: 'done', seen: { status: 'A' } });
  });

  it('of a part is refused, and so is that of a sale of which a part was given back', async () => {
    const pair = await startPair({ simulator: { voidOfSale: 'allowed' } });
    const { tranRef } = await paidSale(pair);
    const part = pageRequest({ amount: money(100n, 'AED') });
    expect(await completed(pair.client.void({ ...part, tranRef }))).toMatchObject({
      type: 'void',
      responseCode: '118',
    });
    const refund = pageRequest({ amount: money(100n, 'AED') });
    await completed(pair.client.refund({ ...refund, tranRef }));
    const voided = await completed(pair.client.void({ ...pageRequest(), tranRef }));
    expect(voided.responseCode).toBe('118');
  });
});

describe('another code than 113 about a cart that nobody has used', () => {
  const simulator = { notFoundCode: 2001, unknownCart: 'error' } as const;
  const lose = async (client: object) => {
    const clock = new ManualClock();
    const pair = await startPair({
      simulator: { clock, ...simulator },
      client: { clock, ...client },
    });
    pair.simulator.faults.add({ kind: 'reset', when: 'before' });
    const { cartId } = await unknownEnd(pair.client.createHostedPage(pageRequest()));
    for (let round = 0; round < 20; round += 1) {
      clock.advance(RECONCILE_DEFAULTS.maxCheckMs * 10);
      await pair.client.reconcile();
    }
    return stateOf(pair.intents, cartId);
  };

  it('is no proof of absence', async () => {
    expect(await lose({})).toMatchObject({ name: 'unknown' });
  });

  it('is one when the shop says so', async () => {
    expect(await lose({ notFoundCodes: [113, 2001] })).toMatchObject({ name: 'notFound' });
  });

  it.each([[[401]], [[4]], [[1]], [[1.5]], ['113']])('cannot be %j', async (notFoundCodes) => {
    await expect(lose({ notFoundCodes })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });
});

it.each([
  ['vanish', { name: 'lapsed' }],
  ['expire', { name: 'done', seen: { status: 'X' } }],
] as const)(
  'a page nobody used ends without money where such pages %s',
  async (unusedPages, end) => {
    const { client, intents, pass } = await startOnClock({ unusedPages });
    const { cartId } = await openPage(client);
    await pass(RECONCILE_DEFAULTS.pageGraceMs / 2, 6);
    expect(await stateOf(intents, cartId)).toMatchObject(end);
  },
);
