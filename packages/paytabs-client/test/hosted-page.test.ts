import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { type HostedPageRequest, money, parseMajor } from '../src/index.js';
import { bodyOf, doneReply, pageReply, reply, talk } from './with-dispatcher.js';
import { intentOf, stateOf } from './with-simulator.js';

const cart = {
  cartId: 'order-1001',
  amount: parseMajor('149.50', 'AED'),
  description: 'Two tickets',
};

const head =
  '{"profile_id":98765,"tran_type":"sale","tran_class":"ecom","cart_id":"order-1001","cart_currency":"AED","cart_amount":149.50,"cart_description":"Two tickets"';

const sentFor = async (more: Partial<HostedPageRequest>) => {
  const talked = talk(pageReply());
  const outcome = await talked.client.createHostedPage({ ...cart, ...more } as HostedPageRequest);
  expect(outcome.kind).toBe('page');
  return bodyOf(talked);
};

describe('the request for a page', () => {
  it.each<[string, Partial<HostedPageRequest>, string]>([
    ['nothing else', {}, ''],
    [
      'the frame of a page',
      { frame: { returnTo: 'parent', fullUi: false, messageTarget: 'https://shop.example.com' } },
      ',"framed":true,"framed_return_parent":true,"force_full_ui":false,"framed_message_target":"https://shop.example.com"',
    ],
    [
      'a frame that returns to the top',
      { frame: { returnTo: 'top' } },
      ',"framed":true,"framed_return_top":true',
    ],
    ['a frame that returns into itself', { frame: {} }, ',"framed":true'],
    ['a theme', { configId: 7 }, ',"config_id":7'],
    ['another currency', { altCurrency: 'USD' }, ',"alt_currency":"USD"'],
    [
      'cards that are taken',
      { cardFilter: { prefixes: ['4111', '51234567'], title: 'Our bank only' } },
      ',"card_filter":"4111,51234567","card_filter_title":"Our bank only"',
    ],
    [
      'discounts',
      {
        cardDiscounts: [
          { prefixes: ['4111'], title: 'Ten off', amount: money(1000n, 'AED') },
          { prefixes: ['5123', '5124'], title: '2.5 percent', percent: '2.5' },
        ],
      },
      ',"card_discounts":[{"discount_cards":"4111","discount_amount":10.00,"discount_title":"Ten off"},{"discount_cards":"5123,5124","discount_percent":2.5,"discount_title":"2.5 percent"}]',
    ],
    [
      'a donation',
      { donation: { min: money(500n, 'AED'), max: money(100_000n, 'AED') } },
      ',"donation_mode":true,"cart_min":5.00,"cart_max":1000.00',
    ],
    [
      'a token, as older clients ask for it',
      { saveCard: { form: 'hex32', askShopper: true } },
      ',"tokenise":2,"show_save_card":true',
    ],
    [
      'a token, with what it is for',
      {
        saveCard: {
          form: 'alphanumeric20',
          askShopper: false,
          use: {
            type: 'recurring_fixed',
            frequency: 'MONTHLY',
            counter: 1,
            totalCount: 12,
            minAmount: money(100n, 'AED'),
            maxAmount: money(20_000n, 'AED'),
            minDaysBetween: 28,
            startDate: '2026-03-30',
            expiryDate: '2027-03-01',
          },
        },
      },
      ',"token_info":{"tokenise":3,"token_type":"recurring_fixed","payment_frequency":"MONTHLY","counter":1,"total_count":12,"min_amount_per_payment":1.00,"max_amount_per_payment":200.00,"min_days_between_payments":28,"start_date":"30-MAR-2026","expiry_date":"01-MAR-2027"},"show_save_card":false',
    ],
    [
      'a saved card, of which the shopper types the security code',
      { savedCard: { token: '2C4650BC67A3E53CC6B791FF618275B9', tranRef: 'TST2625600001234' } },
      ',"token":"2C4650BC67A3E53CC6B791FF618275B9","tran_ref":"TST2625600001234"',
    ],
    [
      'an invoice',
      {
        invoice: {
          language: 'en',
          shippingCharges: money(0n, 'AED'),
          expiryDate: '2026-09-21T13:33:00+04:00',
          disableEdit: true,
          notifications: { emails: ['sara@example.com'], phoneNumbers: ['+971500000000'] },
          lineItems: [
            {
              sku: 'C-1',
              description: 'One hour',
              unitCost: money(4000n, 'AED'),
              quantity: '1.5',
              discountRate: 0,
              taxRate: '2.5',
              total: money(6000n, 'AED'),
            },
          ],
        },
      },
      ',"invoice":{"lang":"en","shipping_charges":0.00,"expiry_date":"2026-09-21T13:33:00+04:00","disable_edit":true,"notifications":{"emails":["sara@example.com"],"phone_numbers":["+971500000000"]},"line_items":[{"sku":"C-1","description":"One hour","unit_cost":40.00,"quantity":1.5,"discount_rate":0,"tax_rate":2.5,"total":60.00}]}',
    ],
    [
      'instalments',
      {
        agreement: {
          description: 'Course',
          initialAmount: money(0n, 'AED'),
          repeatAmount: money(14_950n, 'AED'),
          finalAmount: money(15_000n, 'AED'),
          repeatTerms: 6,
          repeatPeriod: 3,
          repeatEvery: 1,
          firstInstallmentDate: '2026-11-05',
        },
      },
      ',"agreement":{"agreement_description":"Course","agreement_currency":"AED","initial_amount":0.00,"repeat_amount":149.50,"final_amount":150.00,"repeat_terms":6,"repeat_period":3,"repeat_every":1,"first_installment_due_date":"05-11-2026"}',
    ],
    [
      'a flight and who calls',
      {
        airlineData: { pnrCode: 'ABC123' },
        pluginInfo: { name: 'shop', version: '1.2', pluginVersion: '3' },
      },
      ',"airline_data":{"pnr_code":"ABC123"},"plugin_info":{"cart_name":"shop","cart_version":"1.2","plugin_version":"3"}',
    ],
    [
      'where to ship',
      { shipping: { name: 'Sara Haddad', street: '12 Palm St', country: 'AE' } },
      ',"shipping_details":{"name":"Sara Haddad","street1":"12 Palm St","country":"AE"}',
    ],
    [
      'the return by GET',
      { returnUrl: 'https://shop.example.com/return', returnUsingGet: true },
      ',"return":"https://shop.example.com/return","return_using_get":true',
    ],
  ])('writes %s', async (_, more, written) => {
    expect(await sentFor(more)).toBe(`${head}${written}}`);
  });

  it('writes that a card is verified', async () => {
    const talked = talk(pageReply({ tran_type: 'Register' }));
    await talked.client.createHostedPage({ ...cart, type: 'register' });
    expect(bodyOf(talked)).toBe(`${head.replace('sale', 'register')}}`);
    expect(await intentOf(talked.intents, cart.cartId)).toMatchObject({ type: 'register' });
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'a card saved twice',
      { saveCard: { form: 'hex32' }, savedCard: { token: 'x', tranRef: 'y' } },
      'savedCard:',
    ],
    [
      'a saved card to register',
      { type: 'register', savedCard: { token: 'x', tranRef: 'y' } },
      'savedCard:',
    ],
    ['a return by GET to nowhere', { returnUsingGet: true }, 'returnUsingGet:'],
    [
      'a donation that is held',
      { type: 'auth', donation: { min: money(1n, 'AED'), max: cart.amount } },
      'donation:',
    ],
    [
      'a donation at a lower price',
      {
        donation: { min: money(1n, 'AED'), max: cart.amount },
        cardDiscounts: [{ prefixes: ['4111'], title: 'x', percent: 5 }],
      },
      'donation:',
    ],
    [
      'a donation that begins below its least',
      { donation: { min: money(15_000n, 'AED'), max: money(20_000n, 'AED') } },
      'donation:',
    ],
    [
      'a donation in another currency',
      { donation: { min: money(1n, 'SAR'), max: money(20_000n, 'AED') } },
      'donation.min:',
    ],
    [
      'a discount in another currency',
      { cardDiscounts: [{ prefixes: ['4111'], title: 'x', amount: money(1n, 'SAR') }] },
      'cardDiscounts.0.amount:',
    ],
    [
      'a discount of everything and more',
      { cardDiscounts: [{ prefixes: ['4111'], title: 'x', percent: 101 }] },
      'cardDiscounts.0',
    ],
    [
      'a discount of nothing',
      { cardDiscounts: [{ prefixes: ['4111'], title: 'x', percent: '0.00' }] },
      'cardDiscounts.0',
    ],
    [
      'a discount of both kinds',
      { cardDiscounts: [{ prefixes: ['4111'], title: 'x', percent: 1, amount: cart.amount }] },
      'cardDiscounts.0',
    ],
    [
      'a prefix that is a card',
      { cardFilter: { prefixes: ['4111111111111111'] } },
      'cardFilter.prefixes.0:',
    ],
    ['more prefixes than fit', { cardFilter: { prefixes: Array(60).fill('4111') } }, 'cardFilter:'],
    [
      'an invoice in another currency',
      { invoice: { lineItems: [{ unitCost: money(1n, 'SAR'), quantity: 1 }] } },
      'invoice.lineItems.0.unitCost:',
    ],
    [
      'a number with a zero too many',
      { invoice: { lineItems: [{ unitCost: cart.amount, quantity: '01' }] } },
      'invoice.lineItems.0.quantity',
    ],
    [
      'a message target with a path',
      { frame: { messageTarget: 'https://x.example/y' } },
      'frame.messageTarget:',
    ],
    [
      'a day that is none',
      { saveCard: { form: 'hex32', use: { type: 'registered', startDate: '30-MAR-2026' } } },
      'saveCard.use.startDate:',
    ],
  ])('refuses %s, and remembers and sends nothing', async (_, more, path) => {
    const { client, intents, requests } = talk(pageReply());
    const work = client.createHostedPage({ ...cart, ...more } as never);
    await expect(work).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(path),
    });
    expect(await intentOf(intents, cart.cartId)).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it('shows no value that stands in the place of a name', async () => {
    const { client } = talk(pageReply());
    const work = client.createHostedPage({ ...cart, '4111111111111111': 1 } as never);
    await expect(work).rejects.toMatchObject({ message: expect.not.stringContaining('4111') });
  });
});

describe('a donation', () => {
  const range = { min: money(500n, 'AED'), max: money(100_000n, 'AED') };
  const row = (more: Record<string, unknown>) =>
    doneReply({ tran_ref: 'TST2625600009999', ...more });

  const begin = async (rows: unknown) => {
    const clock = new ManualClock();
    const talked = talk([reply(pageReply()), reply(rows)], { clock });
    const page = await talked.client.createHostedPage({ ...cart, donation: range });
    return { ...talked, clock, page };
  };

  it('is remembered with what the shopper may choose', async () => {
    const { intents } = await begin([]);
    expect(await intentOf(intents, cart.cartId)).toMatchObject({
      amount: cart.amount,
      amountRange: range,
    });
  });

  it.each([
    ['the amount it began with', { cart_amount: '149.50', tran_total: '149.50' }, '149.50'],
    ['another amount', { cart_amount: '149.50', tran_total: '20.00' }, '20.00'],
    [
      'another amount, which the cart is changed to',
      { cart_amount: '20.00', tran_total: '20.00' },
      '20.00',
    ],
    ['the least', { tran_total: '5.00' }, '5.00'],
    ['the most', { tran_total: '1000.00' }, '1000.00'],
  ])('is done when the shopper has chosen %s', async (_, amounts, total) => {
    const { client, intents } = await begin([row(amounts)]);
    await client.check({ cartId: cart.cartId });
    expect(await stateOf(intents, cart.cartId)).toMatchObject({
      name: 'done',
      seen: { status: 'A', total: parseMajor(total, 'AED') },
    });
  });

  it.each([
    ['less than he may', { tran_total: '4.99' }],
    ['more than he may', { tran_total: '1000.01' }],
    [
      'more than he may, which the cart is changed to',
      { cart_amount: '1000.01', tran_total: '1000.01' },
    ],
    ['another currency', { cart_currency: 'SAR', tran_currency: 'SAR' }],
  ])('is disputed when the shopper has paid %s', async (_, amounts) => {
    const { client, intents } = await begin([row(amounts)]);
    await client.check({ cartId: cart.cartId });
    expect(await stateOf(intents, cart.cartId)).toMatchObject({
      name: 'disputed',
      reason: 'otherAmount',
    });
  });

  it('takes a page about an amount that may be chosen, and no other', async () => {
    const answered = async (amount: string) => {
      const { client } = talk(pageReply({ cart_amount: amount }));
      return (await client.createHostedPage({ ...cart, donation: range })).kind;
    };
    expect(await answered('5.00')).toBe('page');
    expect(await answered('4.99')).toBe('unknown');
  });

  it('keeps its range in a store', async () => {
    const { fromRecord, toRecord } = await import('../src/intents/intent-record.js');
    const { intents } = await begin([]);
    const intent = await intentOf(intents, cart.cartId);
    const form = { minor: String, time: (time: Date) => time.toISOString() };
    const stored = JSON.parse(JSON.stringify(toRecord(intent as never, form)));
    expect(fromRecord(stored)).toEqual(intent);
  });
});
