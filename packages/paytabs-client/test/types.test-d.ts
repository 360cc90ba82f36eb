import { describe, expectTypeOf, it } from 'vitest';
import {
  type ChargeOutcome,
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
});
