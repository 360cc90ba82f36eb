import { describe, expect, it } from 'vitest';
import { money } from '../money/money.js';
import { type BindingSubject, checkBinding, type Expected } from './check-binding.js';

const amount = money(14950n, 'AED');
const subject: BindingSubject = {
  profileId: 98765,
  cartId: 'order-1',
  cartAmount: amount,
  total: amount,
};
const expected = { profileId: 98765, cartId: 'order-1', amount } satisfies Expected;

const fields = (subjectMore: object, expectedMore: Partial<Expected> = {}) => {
  const books = { ...expected, ...expectedMore } as Expected;
  const binding = checkBinding({ ...subject, ...subjectMore }, books);
  return binding.bound ? [] : binding.mismatches.map((mismatch) => mismatch.field);
};

describe('a subject is bound', () => {
  it('when profile, cart, currency and amounts are what the books say', () => {
    expect(checkBinding(subject, expected)).toEqual({ bound: true });
  });

  it('without a profile, as rows of a query by cart come', () => {
    const { profileId: _, ...row } = subject;
    expect(checkBinding(row, expected)).toEqual({ bound: true });
  });

  it('as a follow-up only of a transaction the books know', () => {
    const previousTranRef = 'TST1';
    expect(fields({ previousTranRef })).toEqual(['previousTranRef']);
    expect(fields({ previousTranRef }, { previousTranRefs: ['TST2'] })).toEqual([
      'previousTranRef',
    ]);
    expect(fields({ previousTranRef }, { previousTranRefs: ['TST2', 'TST1'] })).toEqual([]);
  });

  it('with a discount only where discounts are given, and never with more or nothing', () => {
    const total = money(14000n, 'AED');
    expect(fields({ total })).toEqual(['total']);
    expect(fields({ total }, { allowDiscount: true })).toEqual([]);
    expect(fields({ total: money(15000n, 'AED') }, { allowDiscount: true })).toEqual(['total']);
    expect(fields({ total: money(0n, 'AED') }, { allowDiscount: true })).toEqual(['total']);
  });

  it('with what a shopper chose within the range, its ends included, and not beyond', () => {
    const amountRange = { min: money(1000n, 'AED'), max: money(20000n, 'AED') };
    const given = (minor: bigint, cartAmount = money(minor, 'AED')) =>
      fields({ cartAmount, total: money(minor, 'AED') }, { amountRange });
    for (const minor of [1000n, 5000n, 20000n]) {
      expect(given(minor)).toEqual([]);
      expect(given(minor, amount)).toEqual([]);
    }
    expect(given(999n)).toEqual(['total', 'cartAmount']);
    expect(given(20001n, amount)).toEqual(['total']);
    expect(fields({ total: money(5000n, 'SAR') }, { amountRange })).toEqual(['currency']);
  });

  it('below a range never, whatever a caller without types says of discounts', () => {
    const amountRange = { min: money(10000n, 'AED'), max: money(20000n, 'AED') };
    const wrong = { amountRange, allowDiscount: true } as unknown as Partial<Expected>;
    expect(fields({ total: money(5000n, 'AED') }, wrong)).toEqual(['total']);
  });

  it.each([
    ['another profile', { profileId: 1 }, ['profileId']],
    ['another cart', { cartId: 'order-2' }, ['cartId']],
    [
      'a smaller amount',
      { cartAmount: money(1n, 'AED'), total: money(1n, 'AED') },
      ['total', 'cartAmount'],
    ],
    ['another currency', { total: money(14950n, 'SAR') }, ['currency']],
    [
      'everything else',
      { profileId: 1, cartId: 'x', cartAmount: money(1n, 'USD'), total: money(1n, 'USD') },
      ['profileId', 'cartId', 'currency', 'cartAmount'],
    ],
  ])('not with %s', (_, difference, mismatched) => {
    expect(fields(difference)).toEqual(mismatched);
  });

  it('and what differs is said in words', () => {
    const binding = checkBinding({ ...subject, total: money(1n, 'AED') }, expected);
    expect(binding).toEqual({
      bound: false,
      mismatches: [{ field: 'total', expected: '149.50 AED', actual: '0.01 AED' }],
    });
    const amountRange = { min: amount, max: money(20000n, 'AED') };
    expect(
      checkBinding({ ...subject, total: money(1n, 'AED') }, { ...expected, amountRange }),
    ).toMatchObject({ mismatches: [{ expected: '149.50 to 200.00 AED', actual: '0.01 AED' }] });
  });
});
