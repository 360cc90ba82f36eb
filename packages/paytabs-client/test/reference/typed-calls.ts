import { type PayTabsClient, parseMajor } from '../../src/index.js';

const callbackUrl = 'https://shop.example.com/paytabs/callback';
const returnUrl = 'https://shop.example.com/paytabs/return';
const token = '2C4650BC67A3E53CC6B791FF618275B9';
const dirhams = (text: string) => parseMajor(text, 'AED');

/** A call of the client that sends what an example shows. */
export interface TypedCall {
  readonly path: string;
  readonly send: (client: PayTabsClient) => Promise<unknown>;
}

const request = (send: TypedCall['send']): TypedCall => ({ path: '/payment/request', send });

/** By the name of the example. */
export const typedCalls: Readonly<Record<string, TypedCall>> = {
  'hosted page': request((client) =>
    client.createHostedPage({
      cartId: 'order-1001',
      amount: dirhams('149.50'),
      description: 'Two tickets',
      language: 'en',
      ttlMinutes: 30,
      hideShipping: true,
      customer: {
        name: 'Sara Haddad',
        email: 'sara@example.com',
        phone: '+971500000000',
        street: '12 Palm St',
        city: 'Dubai',
        state: 'DU',
        country: 'AE',
        zip: '00000',
        ip: '203.0.113.10',
      },
      callbackUrl,
      returnUrl,
      userDefined: { udf1: 'tenant-7' },
    }),
  ),
  'saved card, older form': request((client) =>
    client.chargeToken({
      cartId: 'sub-55-2026-09',
      amount: dirhams('42'),
      description: 'September',
      card: { token, tranRef: 'TST2625600001234' },
      callbackUrl,
    }),
  ),
  refund: request((client) =>
    client.refund({
      tranRef: 'TST2625600001234',
      cartId: 'refund-1001-1',
      amount: dirhams('49.50'),
      description: 'One ticket returned',
    }),
  ),
  'own form': request((client) =>
    client.chargeCard({
      cartId: 'order-1002',
      amount: parseMajor('80.00', 'SAR'),
      description: 'Own form order',
      customer: {
        name: 'Omar Saleh',
        email: 'omar@example.com',
        phone: '+966500000000',
        street: 'King Rd 4',
        city: 'Riyadh',
        state: '01',
        country: 'SA',
        zip: '12211',
        ip: '203.0.113.20',
      },
      card: { number: '4111111111111111', cvv: '123', expiryMonth: 12, expiryYear: 2030 },
      callbackUrl,
      returnUrl,
    }),
  ),
  'managed form': request((client) =>
    client.chargeManagedForm({
      cartId: 'order-1003',
      amount: dirhams('35.25'),
      description: 'Managed form order',
      paymentToken: 'gbcn45bt7xNdDMVwq1Kk',
      customer: {
        name: 'Lina Aziz',
        email: 'lina@example.com',
        phone: '+971501111111',
        street: 'Marina 9',
        city: 'Dubai',
        state: 'DU',
        country: 'AE',
        ip: '203.0.113.30',
      },
      callbackUrl,
      returnUrl,
    }),
  ),
  'saved card, newer form': request((client) =>
    client.chargeToken({
      cartId: 'sub-56-2026-10',
      amount: dirhams('42'),
      description: 'October',
      card: { token, use: 'recurring_fixed', counter: 2 },
    }),
  ),
  'verified card, saved by the newer form': request((client) =>
    client.createHostedPage({
      type: 'register',
      cartId: 'card-check-77',
      amount: dirhams('1'),
      description: 'Card check',
      saveCard: {
        form: 'hex32',
        askShopper: false,
        use: { type: 'recurring_fixed', frequency: 'MONTHLY', counter: 1, totalCount: 12 },
      },
      callbackUrl,
      returnUrl,
    }),
  ),
  hold: request((client) =>
    client.createHostedPage({
      type: 'auth',
      cartId: 'hotel-9',
      amount: parseMajor('60.500', 'OMR'),
      description: 'Room hold',
      callbackUrl,
      returnUrl,
    }),
  ),
  capture: request((client) =>
    client.capture({
      tranRef: 'PTO2625600001300',
      cartId: 'hotel-9-cap-1',
      amount: parseMajor('40.250', 'OMR'),
      description: 'First night',
    }),
  ),
  void: request((client) =>
    client.void({
      tranRef: 'PTO2625600001300',
      cartId: 'hotel-9-void-1',
      amount: parseMajor('20.250', 'OMR'),
      description: 'Rest not used',
    }),
  ),
  'query by reference': {
    path: '/payment/query',
    send: (client) => client.query({ tranRef: 'TST2625600001234' }),
  },
  'query by cart': {
    path: '/payment/query',
    send: (client) => client.queryByCart({ cartId: 'order-1001' }),
  },
  token: { path: '/payment/token', send: (client) => client.tokens.get({ token }) },
  invoice: {
    path: '/payment/invoice/new',
    send: (client) =>
      client.invoices.create({
        cartId: 'inv-2026-77',
        amount: dirhams('40'),
        description: 'Consulting',
        customerRef: 'cust-12',
        hideShipping: true,
        invoice: {
          language: 'en',
          shippingCharges: dirhams('0'),
          extraCharges: dirhams('0'),
          extraDiscount: dirhams('0'),
          total: dirhams('0'),
          expiryDate: '2026-09-21T13:33:00+04:00',
          lineItems: [
            {
              sku: 'C-1',
              description: 'One hour',
              unitCost: dirhams('40'),
              quantity: 1,
              netTotal: dirhams('40'),
              discountRate: 0,
              discountAmount: dirhams('0'),
              taxRate: 0,
              taxTotal: dirhams('0'),
              total: dirhams('40'),
            },
          ],
        },
        callbackUrl,
        returnUrl,
      }),
  },
  'invoice paid elsewhere': {
    path: '/payment/invoice/paid',
    send: (client) =>
      client.invoices.markPaid({
        invoiceId: 5829212,
        amount: dirhams('40'),
        method: 'banktransfer',
        description: 'Paid by transfer 5512',
      }),
  },
};
