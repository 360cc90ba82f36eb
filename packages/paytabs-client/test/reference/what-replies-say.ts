import { money, type Transaction } from '../../src/index.js';

const day = (time: string) => new Date(`2026-09-13T${time}Z`);
const card = { cardType: 'Credit', cardScheme: 'Visa', description: '4111 11## #### 1111' };
const visa = { method: 'Visa', ...card };
const aman = { method: 'Aman', description: 'Aman' };
const ticket = {
  tranRef: 'TST2625600001234',
  type: 'sale',
  cartId: 'order-1001',
  description: 'Two tickets',
  cartAmount: money(14950n, 'AED'),
  total: money(14950n, 'AED'),
  status: 'A',
  responseCode: 'G48213',
  responseMessage: 'Authorised',
  time: day('08:15:30'),
  paymentInfo: { ...visa, expiryMonth: 11, expiryYear: 2030 },
};
const deferred = {
  profileId: 98765,
  cartId: 'order-2001',
  description: 'Deferred',
  cartAmount: money(15000n, 'EGP'),
  total: money(15000n, 'EGP'),
  responseCode: '12625679397955',
  paymentInfo: aman,
};
const done = { kind: 'paid', followUp: false, final: true };

/** What each transaction says, and what it amounts to. */
export const transactions: Readonly<Record<string, readonly [Partial<Transaction>, object]>> = {
  'own form, completed': [
    {
      tranRef: 'TST2625600001250',
      type: 'sale',
      cartId: 'order-1002',
      description: 'Own form order',
      cartAmount: money(8000n, 'SAR'),
      total: money(8000n, 'SAR'),
      status: 'A',
      responseCode: 'G50991',
      responseMessage: 'Authorised',
      time: day('08:20:11'),
      profileId: 98765,
      paymentInfo: { ...visa, expiryMonth: 12, expiryYear: 2030 },
      trace: 'PMNT0201.6A000133.00000B07',
    },
    done,
  ],
  'refund reply': [
    {
      tranRef: 'TST2625600001240',
      previousTranRef: 'TST2625600001234',
      type: 'refund',
      cartId: 'refund-1001-1',
      description: 'One ticket returned',
      cartAmount: money(4950n, 'AED'),
      total: money(4950n, 'AED'),
      status: 'A',
      responseCode: 'G44735',
      responseMessage: 'Authorised',
      time: day('09:02:15'),
      profileId: 98765,
      paymentInfo: { ...visa, expiryMonth: 11, expiryYear: 2030 },
      trace: 'PMNT0402.6A000A17.00000C11',
    },
    { kind: 'refunded', followUp: true, final: true },
  ],
  'query by reference': [
    { ...ticket, profileId: 98765, trace: 'PMNT0102.6A000200.00000D01' },
    done,
  ],
  'query by cart': [ticket, done],
  'refused follow-up': [
    {
      tranRef: 'TST2625600001311',
      previousTranRef: 'TST2625600001310',
      type: 'void',
      cartId: 'hotel-8-void-1',
      description: 'Void reason',
      cartAmount: money(130n, 'SAR'),
      total: money(130n, 'SAR'),
      status: 'E',
      responseCode: '120',
      responseMessage: 'Previous transaction is on hold',
      time: day('09:25:32'),
      profileId: 98765,
      paymentInfo: { ...visa, expiryMonth: 11, expiryYear: 2030 },
      trace: 'PMNT0202.6A000F00.00000F01',
    },
    { kind: 'failed', followUp: true, final: true },
  ],
};

/** What each notice says. */
export const notices: Readonly<Record<string, object>> = {
  'authorised sale, callback': {
    ...ticket,
    ...done,
    kind: 'reportedPaid',
    profileId: 98765,
    ipnTrace: 'IPNS0001.6A000002.00000001',
  },
  'deferred payment awaits the customer, callback': {
    ...deferred,
    kind: 'pending',
    followUp: false,
    final: false,
    tranRef: 'PTE2625600001401',
    type: 'payment request',
    status: 'P',
    responseMessage: 'Pending',
    time: day('10:00:00'),
    ipnTrace: 'IPNS0401.6AA51B20.00000001',
  },
  'deferred payment settled, callback': {
    ...deferred,
    kind: 'reportedPaid',
    followUp: true,
    final: true,
    tranRef: 'PTE2625600001402',
    previousTranRef: 'PTE2625600001401',
    type: 'sale',
    status: 'A',
    responseMessage: 'Authorised',
    time: day('14:42:19'),
    ipnTrace: 'IPNS0402.6AA55D4B.0000000F',
  },
  'cancelled page, callback': {
    kind: 'cancelled',
    followUp: false,
    final: true,
    tranRef: 'TST2625600001500',
    type: 'sale',
    profileId: 98765,
    cartId: 'order-2002',
    description: 'Cancelled order',
    cartAmount: money(7000n, 'SAR'),
    total: money(7000n, 'SAR'),
    status: 'C',
    responseCode: '321',
    responseMessage: 'Cancelled',
    time: day('11:39:48'),
    paymentInfo: { description: 'No Payment' },
    ipnTrace: 'IPNS0202.6AA53284.00000C1C',
  },
};

/** What each other reply says. */
export const replies: Readonly<Record<string, object>> = {
  'page reply': {
    shape: 'redirect',
    cartAmount: money(14950n, 'AED'),
    page: {
      tranRef: 'TST2625600001234',
      cartId: 'order-1001',
      redirectUrl:
        'https://secure.paytabs.com/payment/wr/5D9854E482E51467AB12CD34EF56AB12CD34EF56AB12CD34EF56AB12',
      trace: 'PMNT0101.6A000001.00000A01',
    },
  },
  'not found': {
    shape: 'error',
    code: 113,
    message: 'ErrorCode = 2000, ErrorMessage=Transaction not found',
    trace: 'PMNT0101.6A000001.00000A01',
    contradictory: false,
  },
  'authentication failed': {
    shape: 'error',
    code: 1,
    message: 'Authentication failed. Check authentication header.',
    trace: 'PMNT0101.6A000001.00000A02',
    contradictory: false,
  },
  'duplicate request': {
    shape: 'error',
    code: 4,
    message: 'Duplicate Request',
    trace: 'PMNT0101.6A000001.00000A03',
    contradictory: false,
  },
  'invoice not found': {
    shape: 'error',
    code: 2,
    message: 'Invoice not found',
    trace: 'PMNT0101.6A000001.00000A05',
    contradictory: false,
  },
  'token deleted': {
    shape: 'other',
    value: { message: 'Token deleted', trace: 'PMNT0101.6A000001.00000A04' },
  },
  'saved card': { shape: 'other', value: { tranRef: 'TST2625600001234', paymentInfo: card } },
  'invoice created': {
    shape: 'other',
    value: {
      invoiceId: 5829212,
      link: 'https://secure.paytabs.com/payment/request/invoice/5829212/4D7879D2E289416E94330E0905E60C12',
      trace: 'PMNT0102.6A000300.00000E01',
    },
  },
  'invoice not paid yet': { shape: 'other', value: { kind: 'pending', state: 'pending' } },
  'invoice paid': {
    shape: 'other',
    value: {
      kind: 'paid',
      state: 'paid',
      tranRef: 'TST2625600001260',
      tranStatus: 'A',
      tranMessage: 'Authorised',
    },
  },
  'agreement cancelled': {
    shape: 'other',
    value: { message: 'Agreement has been cancelled', trace: 'PMNT0101.6A000001.00000A06' },
  },
  'SADAD bill': {
    shape: 'other',
    value: {
      billerId: '902',
      sadadNumber: '234320012566',
      cartId: 'cart_9991',
      tranRef: 'TST2625600001270',
      expiresAt: new Date('2026-09-18T07:08:57.034Z'),
      invoiceId: 1513678,
    },
  },
  'valU inquiry': { shape: 'other', value: { responseCode: 0, isOffered: true } },
};
