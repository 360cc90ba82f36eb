import { describe, expectTypeOf, it } from 'vitest';
import {
  type ChargeCardRequest,
  type ChargeOutcome,
  type ChargeTokenRequest,
  type ChargeWalletRequest,
  describeTransaction,
  type EndedIntent,
  type FollowUpOutcome,
  type HostedPageRequest,
  type Money,
  money,
  type NotificationKind,
  type OutcomeUnknown,
  type PageOutcome,
  PayTabsClient,
  type PayTabsNotification,
  type Transaction,
} from '../src/index.js';

const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';

describe('the types', () => {
  it('ask for a region or a base URL, not both', () => {
    const own = { profileId: 1, serverKey: key };
    expectTypeOf(PayTabsClient).toBeConstructibleWith({ ...own, region: 'ARE' });
    expectTypeOf(PayTabsClient).toBeConstructibleWith({ ...own, baseUrl: 'https://example.com' });
    // @ts-expect-error neither
    new PayTabsClient({ profileId: 1, serverKey: key });
    // @ts-expect-error both
    new PayTabsClient({ profileId: 1, serverKey: key, region: 'ARE', baseUrl: 'https://x' });
    // @ts-expect-error Palestine is served no more
    new PayTabsClient({ profileId: 1, serverKey: key, region: 'PSE' });
  });

  it('take amounts as money only, and no card data', () => {
    expectTypeOf<HostedPageRequest['amount']>().toEqualTypeOf<Money>();
    expectTypeOf<HostedPageRequest>().not.toHaveProperty('card');
    // @ts-expect-error a float is no amount
    money('1.50', 'AED');
    // @ts-expect-error not a currency
    money(1n, 'XXX');
  });

  it('ask what is done when nobody knows how a write ended', () => {
    expectTypeOf<PageOutcome['kind']>().toEqualTypeOf<'page' | 'unknown'>();
    expectTypeOf<FollowUpOutcome['kind']>().toEqualTypeOf<'completed' | 'unknown'>();
    expectTypeOf<ChargeOutcome['kind']>().toEqualTypeOf<'page' | 'completed' | 'unknown'>();
    // What is there in each kind; the rest only after a look at `kind`.
    expectTypeOf<ChargeOutcome>().toHaveProperty('cartId');
    expectTypeOf<PageOutcome>().not.toHaveProperty('redirectUrl');
    expectTypeOf<FollowUpOutcome>().not.toHaveProperty('transaction');
    expectTypeOf<OutcomeUnknown>().not.toHaveProperty('transaction');
  });

  it('give an end no state in which something is expected', () => {
    expectTypeOf<EndedIntent['state']['name']>().toEqualTypeOf<
      'done' | 'refused' | 'notSent' | 'notFound' | 'lapsed' | 'disputed'
    >();
  });

  it('never let a notice say paid', () => {
    expectTypeOf<'paid'>().not.toExtend<NotificationKind>();
    expectTypeOf<PayTabsNotification['kind']>().toEqualTypeOf<NotificationKind>();
  });

  it('keep letters and types of tomorrow open', () => {
    expectTypeOf<string>().toExtend<Transaction['status']>();
    expectTypeOf<string>().toExtend<Transaction['type']>();
  });

  it('let no page ask for what cannot be together', () => {
    const cart = { cartId: 'order-1', amount: money(1n, 'AED'), description: 'x' };
    const range = { min: money(1n, 'AED'), max: money(2n, 'AED') };
    const saved = { token: 't', tranRef: 'TST1' };
    const page = (request: HostedPageRequest) => request;
    page({ ...cart, donation: range });
    page({ ...cart, type: 'register', saveCard: { form: 'hex32', askShopper: true } });
    page({ ...cart, type: 'auth', savedCard: saved });
    // @ts-expect-error saved now or saved before
    page({ ...cart, saveCard: { form: 'hex32' }, savedCard: saved });
    // @ts-expect-error it is registered already
    page({ ...cart, type: 'register', savedCard: saved });
    // @ts-expect-error a donation is a sale
    page({ ...cart, type: 'auth', donation: range });
    // @ts-expect-error a donation has bounds
    page({ ...cart, donation: { min: range.min } });
    // @ts-expect-error a donation has no price to lower
    page({ ...cart, donation: range, cardDiscounts: [] });
    // @ts-expect-error nowhere to return to
    page({ ...cart, returnUsingGet: true });
    // @ts-expect-error a tick box without a token
    page({ ...cart, saveCard: { askShopper: true } });
    const discount = { prefixes: ['4111'], title: 'x' };
    // @ts-expect-error an amount or percent
    page({ ...cart, cardDiscounts: [{ ...discount, percent: 1, amount: money(1n, 'AED') }] });
    // @ts-expect-error one of both at least
    page({ ...cart, cardDiscounts: [discount] });
    // @ts-expect-error the gateway has no other place
    page({ ...cart, frame: { returnTo: 'opener' } });
    expectTypeOf(page).returns.toEqualTypeOf<HostedPageRequest>();
  });

  it('ask for what a charge needs, and for nothing that contradicts it', () => {
    const cart = { cartId: 'order-1', amount: money(1n, 'AED'), description: 'x' };
    const customer = { name: 'Omar Saleh' };
    const card = { number: '4111111111111111', expiryMonth: 1, expiryYear: 2030 };
    const withCode = { ...card, cvv: '123' };
    const charge = (request: ChargeCardRequest) => request;
    charge({ ...cart, customer, card: withCode });
    charge({ ...cart, customer, class: 'moto', card });
    // @ts-expect-error the shopper is there and has the code
    charge({ ...cart, customer, card });
    // @ts-expect-error the gateway asks who pays
    charge({ ...cart, card: withCode });
    // @ts-expect-error a card is the method
    charge({ ...cart, customer, card: withCode, paymentMethods: ['card'] });

    const recur = (request: ChargeTokenRequest) => request;
    recur({ ...cart, card: { token: 't', tranRef: 'TST1' } });
    recur({ ...cart, card: { token: 't', use: 'recurring_fixed', counter: 2 } });
    // @ts-expect-error neither parent nor use
    recur({ ...cart, card: { token: 't' } });
    // @ts-expect-error both
    recur({ ...cart, card: { token: 't', tranRef: 'TST1', use: 'registered' } });
    // @ts-expect-error the counter belongs to the use
    recur({ ...cart, card: { token: 't', tranRef: 'TST1', counter: 2 } });
    // @ts-expect-error nobody is there whose card could be verified
    recur({ ...cart, type: 'register', card: { token: 't', tranRef: 'TST1' } });

    const wallet = (request: ChargeWalletRequest) => request;
    wallet({ ...cart, wallet: { applePay: { paymentData: {} } } });
    wallet({ ...cart, wallet: { samsungPay: 'x' } });
    // @ts-expect-error one wallet
    wallet({ ...cart, wallet: { applePay: 'x', samsungPay: 'y' } });
    // @ts-expect-error no wallet
    wallet({ ...cart, wallet: {} });
    expectTypeOf(wallet).returns.toEqualTypeOf<ChargeWalletRequest>();
  });

  it('keep what is told in groups to what the gateway can', () => {
    const client = {} as PayTabsClient;
    const amount = money(1n, 'AED');
    type Deleted = Awaited<ReturnType<typeof client.tokens.delete>>;
    expectTypeOf<Deleted['kind']>().toEqualTypeOf<'done' | 'unknown'>();
    type Created = Awaited<ReturnType<typeof client.invoices.create>>;
    expectTypeOf<Created['kind']>().toEqualTypeOf<'invoice' | 'unknown'>();
    expectTypeOf<Created>().not.toHaveProperty('link');
    type Billed = Awaited<ReturnType<typeof client.sadad.request>>;
    expectTypeOf<Billed['kind']>().toEqualTypeOf<'bill' | 'unknown'>();
    const paid = { invoiceId: 1, amount, description: 'x' };
    const calls = [
      () => client.invoices.markPaid({ ...paid, method: 'cash' }),
      // @ts-expect-error how else
      () => client.invoices.markPaid({ ...paid, method: 'barter' }),
      // @ts-expect-error an invoice lists something
      () => client.invoices.create({ cartId: 'a', amount, description: 'x', invoice: {} }),
      // @ts-expect-error only the gateway says how it stands
      () => client.invoices.status({ invoiceId: 1, state: 'paid' }),
    ];
    expectTypeOf(calls).toBeArray();
  });

  it('say paid of no notice', () => {
    const { kind } = describeTransaction({} as PayTabsNotification);
    expectTypeOf(kind).toEqualTypeOf<NotificationKind>();
  });
});
