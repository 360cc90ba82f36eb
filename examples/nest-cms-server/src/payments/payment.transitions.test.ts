import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newPayment } from '../../test/support/payment-document.js';
import { currentAttempt, type HistoryEntry, type PaymentDocument } from './payment.document.js';
import { paymentMachine } from './payment.machine.js';
import {
  beginAttempt,
  endAttempt,
  markPaid,
  pageOpened,
  pageUnknown,
} from './payment.transitions.js';

const START = Date.UTC(2026, 10, 20, 9);

type Step = (payment: PaymentDocument, at: Date) => PaymentDocument;

const tryNumber = fc.integer({ min: 1, max: 4 });
const cart = (payment: PaymentDocument, number: number) => `${payment._id.toHexString()}.${number}`;

/** Any step the server may take, told about any try, at any time: also late and repeated ones. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>((payment, at) =>
    payment.status === 'paid' ? payment : beginAttempt(payment, { at }),
  ),
  tryNumber.map<Step>((number) => (payment, at) => {
    const cartId = cart(payment, number);
    return pageOpened(payment, { cartId, tranRef: `TST${number}`, redirectUrl: 'http://page' }, at);
  }),
  tryNumber.map<Step>((number) => (payment, at) => pageUnknown(payment, cart(payment, number), at)),
  fc
    .tuple(
      tryNumber,
      fc.constantFrom('failed', 'cancelled', 'expired', 'notSent', 'refused' as const),
    )
    .map<Step>(
      ([number, end]) =>
        (payment, at) =>
          endAttempt(payment, cart(payment, number), end, 'told', at),
    ),
  tryNumber.map<Step>(
    (number) => (payment, at) =>
      payment.status === 'paid' || number > payment.attempts.length
        ? payment
        : markPaid(payment, { cartId: cart(payment, number), tranRef: `TST${number}` }, at),
  ),
);

const walks = fc.array(step, { maxLength: 25 }).map((steps) => {
  const path = [newPayment(new Date(START))];
  steps.forEach((take, index) => {
    const last = path.at(-1) as PaymentDocument;
    path.push(take(last, new Date(START + (index + 1) * 1_000)));
  });
  return path;
});

describe('what becomes of a payment', () => {
  it('moves only along the machine, and writes each move into its history', () => {
    fc.assert(
      fc.property(walks, (path) => {
        path.slice(1).forEach((next, index) => {
          const before = path[index] as PaymentDocument;
          const { at, reason } = next.history.at(-1) as HistoryEntry;
          const move = { from: before.status, to: next.status, at, reason };
          const moved = next.status !== before.status;
          expect(next.history).toEqual(moved ? [...before.history, move] : before.history);
          expect(!moved || paymentMachine.allows(before.status, next.status)).toBe(true);
        });
      }),
    );
  });

  it('never leaves paid, and is paid by one transaction only', () => {
    fc.assert(
      fc.property(walks, (path) => {
        const paidAt = path.findIndex(({ status }) => status === 'paid');
        const after = paidAt < 0 ? [] : path.slice(paidAt);
        expect(after.every(({ status }) => status === 'paid')).toBe(true);
        expect(new Set(after.map(({ tranRef }) => tranRef)).size).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('has at most one try that is not over, the last one, and only while processing', () => {
    fc.assert(
      fc.property(walks, (path) => {
        for (const payment of path) {
          const open = payment.attempts.filter(({ state }) => state !== 'ended');
          const last = currentAttempt(payment);
          expect(open.every((attempt) => attempt === last)).toBe(true);
          expect(open.length === 0 || ['processing', 'paid'].includes(payment.status)).toBe(true);
        }
      }),
    );
  });

  it('gives each try a reference of its own, and is asked about exactly while processing', () => {
    fc.assert(
      fc.property(walks, (path) => {
        for (const payment of path) {
          const carts = payment.attempts.map(({ cartId }) => cartId);
          expect(new Set(carts).size).toBe(carts.length);
          expect(payment.nextCheckAt !== undefined).toBe(payment.status === 'processing');
        }
      }),
    );
  });

  it('does not let the end of an earlier try touch the one that is open', () => {
    const at = new Date(START);
    const second = beginAttempt(beginAttempt(newPayment(new Date(START)), { at }), { at });
    const told = endAttempt(second, cart(second, 1), 'failed', 'declined', at);
    expect(told.status).toBe('processing');
    expect(currentAttempt(told)?.state).toBe('requesting');
  });

  it('takes the money of an expired payment when the gateway shows it after all', () => {
    const at = new Date(START);
    const begun = beginAttempt(newPayment(new Date(START)), { at });
    const expired = endAttempt(begun, cart(begun, 1), 'expired', 'silence', at);
    const paid = markPaid(expired, { cartId: cart(begun, 1), tranRef: 'TST1' }, at);
    expect(paid).toMatchObject({ status: 'paid', tranRef: 'TST1', paidAt: at });
    expect(paid.attempts[0]).toMatchObject({ state: 'ended', end: 'paid' });
  });

  it('refuses to begin a try for a payment that is paid', () => {
    const at = new Date(START);
    const begun = beginAttempt(newPayment(new Date(START)), { at });
    const paid = markPaid(begun, { cartId: cart(begun, 1), tranRef: 'TST1' }, at);
    expect(() => beginAttempt(paid, { at })).toThrow('does not move from paid to processing');
  });
});
