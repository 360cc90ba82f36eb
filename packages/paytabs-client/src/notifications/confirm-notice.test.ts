import { describe, expect, expectTypeOf, it } from 'vitest';
import { PayTabsError } from '../errors.js';
import type { Transaction } from '../gateway/transaction.js';
import { money } from '../money/money.js';
import {
  type Confirmation,
  type Confirmed,
  type ConfirmedPaid,
  confirmNotice,
  type Unconfirmed,
} from './confirm-notice.js';

const amount = money(14950n, 'AED');
const expected = { profileId: 98765, cartId: 'order-7.1', amount };

const transaction = (more: Partial<Transaction> = {}): Transaction => ({
  tranRef: 'TST2625600001234',
  type: 'sale',
  cartId: 'order-7.1',
  cartAmount: amount,
  total: amount,
  status: 'A',
  responseCode: 'G48213',
  responseMessage: 'Authorised',
  profileId: 98765,
  paymentInfo: {},
  raw: {},
  ...more,
});

const notice = { ...transaction(), profileId: 98765 };

/** Says which references were asked for. */
const gateway = (answer: Transaction | Error) => {
  const asked: string[] = [];
  const query = async (tranRef: string) => {
    asked.push(tranRef);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, query };
};

describe('a notice is confirmed', () => {
  it('when the gateway says the same', async () => {
    const { query, asked } = gateway(transaction());
    const confirmation = await confirmNotice(notice, expected, query);
    expect(confirmation).toEqual({
      confirmed: true,
      kind: 'paid',
      followUp: false,
      final: true,
      transaction: transaction(),
      effectKey: '98765:TST2625600001234:A',
    });
    expect(asked).toEqual(['TST2625600001234']);
  });

  it('as what the gateway says, whatever the notice said', async () => {
    const { query } = gateway(transaction({ status: 'D', responseCode: '316' }));
    const confirmation = await confirmNotice(notice, expected, query);
    expect(confirmation).toMatchObject({
      confirmed: true,
      kind: 'declined',
      effectKey: '98765:TST2625600001234:D',
    });
  });
});

describe('a notice is not confirmed', () => {
  it('when it is not what the own books expect; nobody is asked then', async () => {
    const { query, asked } = gateway(transaction());
    const other = { ...notice, total: money(1n, 'AED') };
    expect(await confirmNotice(other, expected, query)).toEqual({
      confirmed: false,
      reason: 'notBound',
      source: 'notice',
      mismatches: [{ field: 'total', expected: '149.50 AED', actual: '0.01 AED' }],
    });
    expect(asked).toEqual([]);
  });

  it('when the gateway’s answer is not what the own books expect', async () => {
    const { query } = gateway(transaction({ cartId: 'order-8.1' }));
    expect(await confirmNotice(notice, expected, query)).toMatchObject({
      confirmed: false,
      reason: 'notBound',
      source: 'gateway',
      mismatches: [{ field: 'cartId' }],
    });
  });

  it('when the gateway knows nothing of it', async () => {
    const { query } = gateway(new PayTabsError('NOT_FOUND', 'nothing'));
    expect(await confirmNotice(notice, expected, query)).toEqual({
      confirmed: false,
      reason: 'notFound',
    });
  });

  it('and not refused either, when the gateway cannot be asked', async () => {
    const down = new PayTabsError('GATEWAY_UNAVAILABLE', 'down');
    await expect(confirmNotice(notice, expected, gateway(down).query)).rejects.toBe(down);
  });
});

it('only what is confirmed can say paid', () => {
  expectTypeOf<Extract<Confirmation, { kind: 'paid' }>['confirmed']>().toEqualTypeOf<true>();
  expectTypeOf<Unconfirmed>().not.toHaveProperty('kind');
  expectTypeOf<Confirmed['kind']>().not.toEqualTypeOf<'reportedPaid'>();
  // Nor has anything the type that was put together elsewhere, however alike.
  expectTypeOf<{
    [Name in string & keyof ConfirmedPaid]: ConfirmedPaid[Name];
  }>().not.toExtend<ConfirmedPaid>();
  expectTypeOf<Transaction & { confirmed: true; kind: 'paid' }>().not.toExtend<ConfirmedPaid>();
});
