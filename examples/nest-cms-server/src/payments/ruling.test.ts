import { money, type Transaction } from '@nestcms/paytabs-client';
import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { newPayment } from '../../test/support/payment-document.js';
import {
  beginAttempt,
  endAttempt,
  markPaid,
  noteUndone,
  pageOpened,
} from './payment.transitions.js';
import { type Case, ruleOn } from './ruling.js';

const PROFILE = 98_765;
const AT = new Date(Date.UTC(2026, 10, 20, 9));
const PAGE = 'TST2632400000001';

const created = newPayment(AT);
const cartId = `${created._id.toHexString()}.1`;
const open = pageOpened(
  beginAttempt(created, { at: AT }),
  { cartId, tranRef: PAGE, redirectUrl: 'http://page' },
  AT,
);
const failed = endAttempt(open, cartId, 'failed', 'declined', AT);
const paid = markPaid(open, { cartId, tranRef: PAGE }, AT);

const sale: Case['transaction'] = {
  tranRef: PAGE,
  type: 'sale',
  cartId,
  cartAmount: money(14_950, 'AED'),
  total: money(14_950, 'AED'),
  status: 'A',
  responseCode: 'G12345',
  profileId: PROFILE,
};

const rule = (change: Partial<Case> = {}, transaction: Partial<Transaction> = {}) =>
  ruleOn({
    payment: open,
    profileId: PROFILE,
    journaled: false,
    ...change,
    transaction: { ...sale, ...transaction },
  });

describe('the ruling on a transaction', () => {
  it('pays a payment with the authorised sale of one of its tries', () => {
    expect(rule()).toEqual({ kind: 'pay' });
    expect(rule({ payment: failed })).toEqual({ kind: 'pay' });
  });

  it.each<[string, Partial<Transaction>, string[]]>([
    ['amount', { total: money(14_949, 'AED') }, ['total']],
    ['requested amount', { cartAmount: money(1, 'AED') }, ['cartAmount']],
    [
      'currency',
      { total: money(14_950, 'EGP'), cartAmount: money(14_950, 'EGP') },
      ['currency', 'cartAmount'],
    ],
    ['cart', { cartId: `${new ObjectId().toHexString()}.1` }, ['cartId']],
    ['profile', { profileId: 11 }, ['profileId']],
    ['parent', { previousTranRef: 'TST2632400009999' }, ['previousTranRef']],
  ])('refuses a sale of another %s', (_name, difference, mismatches) => {
    expect(rule({}, difference)).toEqual({ kind: 'refuse', mismatches });
  });

  it('never pays with anything that differs, whatever the payment has gone through', () => {
    const differing = fc
      .record({
        minor: fc.bigInt({ min: 1n, max: 20_000n }),
        currency: fc.constantFrom('AED', 'EGP', 'KWD' as const),
        cart: fc.constantFrom(cartId, `${created._id.toHexString()}.2`, 'other.1'),
        profileId: fc.constantFrom(PROFILE, 7),
      })
      .filter(
        ({ minor, currency, cart, profileId }) =>
          minor !== 14_950n || currency !== 'AED' || cart !== cartId || profileId !== PROFILE,
      );
    fc.assert(
      fc.property(
        differing,
        fc.constantFrom(open, failed, paid),
        ({ minor, currency, cart, profileId }, payment) => {
          const amount = money(minor, currency);
          const ruling = rule(
            { payment },
            { cartId: cart, profileId, total: amount, cartAmount: amount },
          );
          expect(ruling.kind).toBe('refuse');
        },
      ),
    );
  });

  it('pays with nothing but an authorised sale, or the capture of a held one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('sale', 'auth', 'refund', 'void', 'capture', 'payment request', 'new'),
        fc.constantFrom('A', 'H', 'P', 'V', 'E', 'D', 'X', 'C', '?'),
        (type, status) => {
          const pays = rule({}, { type, status }).kind === 'pay';
          expect(pays).toBe(['sale', 'capture'].includes(type) && status === 'A');
        },
      ),
    );
  });

  it.each([
    ['D', '305', { kind: 'end', end: 'failed', reason: 'declined' }],
    ['E', '200', { kind: 'end', end: 'failed', reason: 'failed' }],
    ['C', '321', { kind: 'end', end: 'cancelled', reason: 'cancelled' }],
    ['X', '355', { kind: 'end', end: 'expired', reason: 'expired' }],
    ['V', '', { kind: 'end', end: 'failed', reason: 'voided' }],
    ['H', '', { kind: 'alert', reason: 'heldByGateway' }],
    ['P', '600', { kind: 'leave', reason: 'pending' }],
    ['E', '401', { kind: 'leave', reason: 'unknown' }],
    ['Z', '', { kind: 'leave', reason: 'unknown' }],
  ])('reads the letter %s with code %s', (status, responseCode, expected) => {
    expect(rule({}, { status, responseCode })).toEqual(expected);
  });

  it('leaves a paid payment alone, whatever failure is told late', () => {
    for (const status of ['D', 'E', 'C', 'X', 'V']) {
      expect(rule({ payment: paid }, { status, responseCode: '200' })).toEqual({
        kind: 'leave',
        reason: 'tryIsOver',
      });
    }
  });

  it('knows money that is in the journal', () => {
    expect(rule({ payment: paid, journaled: true })).toEqual({ kind: 'leave', reason: 'known' });
  });

  it('calls money surplus when another transaction has paid already', () => {
    const twice = beginAttempt(failed, { at: AT });
    const second = `${created._id.toHexString()}.2`;
    const paidBySecond = markPaid(twice, { cartId: second, tranRef: 'TST2' }, AT);
    expect(rule({ payment: paidBySecond })).toEqual({ kind: 'surplus' });
  });

  it.each(['refund', 'void', 'release'])(
    'never takes a %s for a payment: an authorised one is told, any other is left alone',
    (type) => {
      const followUp = { type, previousTranRef: PAGE };
      const told = { kind: 'alert', reason: 'undoneAtGateway' };
      expect(rule({}, followUp)).toEqual(told);
      expect(rule({ payment: paid }, followUp)).toEqual(told);
      for (const status of ['D', 'E', 'P', 'X']) {
        expect(rule({}, { ...followUp, status })).toEqual({ kind: 'leave', reason: 'followUp' });
      }
    },
  );

  it('does not pay with a sale that was undone at the gateway', () => {
    expect(rule({ undone: true })).toEqual({
      kind: 'end',
      end: 'failed',
      reason: 'undoneAtGateway',
    });
    const told = noteUndone(open, cartId, PAGE, AT);
    expect(rule({ payment: told })).toMatchObject({ kind: 'end', reason: 'undoneAtGateway' });
    expect(rule({ payment: told }, { tranRef: 'TST2632400000002' })).toEqual({ kind: 'pay' });
    expect(rule({ undone: true, payment: paid, journaled: true })).toEqual({
      kind: 'leave',
      reason: 'known',
    });
  });

  describe('about a sale that risk screening holds', () => {
    const capture = { type: 'capture', tranRef: 'TST2632400000003', previousTranRef: PAGE };

    it('tells a person while it is held, and pays with the capture that releases it', () => {
      expect(rule({}, { type: 'auth', status: 'H' })).toEqual({
        kind: 'alert',
        reason: 'heldByGateway',
      });
      expect(rule({}, capture)).toEqual({ kind: 'pay' });
    });

    it('refuses a capture of a part, or of another transaction', () => {
      expect(rule({}, { ...capture, total: money(14_000, 'AED') })).toEqual({
        kind: 'refuse',
        mismatches: ['total'],
      });
      expect(rule({}, { ...capture, previousTranRef: 'TST2632400009999' })).toEqual({
        kind: 'refuse',
        mismatches: ['previousTranRef'],
      });
    });

    it('goes on waiting when a capture fails', () => {
      for (const status of ['D', 'E', 'X']) {
        expect(rule({}, { ...capture, status })).toEqual({ kind: 'leave', reason: 'followUp' });
      }
    });
  });

  it('takes the second transaction of a deferred payment when it names the first', () => {
    expect(rule({}, { tranRef: 'TST2632400000002', previousTranRef: PAGE })).toEqual({
      kind: 'pay',
    });
  });
});
