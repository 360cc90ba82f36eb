import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newPayment } from '../../test/support/payment-document.js';
import { currentAttempt, type HistoryEntry, type PaymentDocument } from './payment.document.js';
import { paymentMachine } from './payment.machine.js';
import {
  answeredWith,
  beginAttempt,
  checkNext,
  endAttempt,
  markPaid,
  noteAlert,
  noteAnswer,
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

  it('gives each try a reference of its own', () => {
    fc.assert(
      fc.property(walks, (path) => {
        for (const payment of path) {
          const carts = payment.attempts.map(({ cartId }) => cartId);
          expect(new Set(carts).size).toBe(carts.length);
        }
      }),
    );
  });

  it('is asked about every try that may have taken money, over or not, at the earliest of their times', () => {
    fc.assert(
      fc.property(walks, (path) => {
        for (const { attempts, nextCheckAt, status } of path) {
          for (const { end, nextCheckAt: next } of attempts) {
            const nothingToAsk = end === 'notSent' || end === 'refused' || end === 'paid';
            expect(next === undefined).toBe(nothingToAsk);
          }
          const times = attempts.flatMap(({ nextCheckAt: next }) => next?.getTime() ?? []);
          expect(nextCheckAt?.getTime()).toBe(times.length > 0 ? Math.min(...times) : undefined);
          expect(status === 'processing' && nextCheckAt === undefined).toBe(false);
        }
      }),
    );
  });

  it('is asked about no more once that is said, and again when it is said anew', () => {
    const at = new Date(START);
    const begun = beginAttempt(beginAttempt(newPayment(at), { at }), { at });
    const first = checkNext(begun, cart(begun, 1), undefined);
    expect(first.nextCheckAt).toEqual(begun.attempts[1]?.nextCheckAt);
    const none = checkNext(first, cart(begun, 2), undefined);
    expect(none).not.toHaveProperty('nextCheckAt');
    const later = new Date(START + 5_000);
    expect(checkNext(none, cart(begun, 1), later)).toMatchObject({ nextCheckAt: later });
  });

  it('remembers since when its end has been left open, and what a person was told of it, until it is not', () => {
    const at = new Date(START);
    const later = new Date(START + 1_000);
    const begun = beginAttempt(newPayment(at), { at });
    const id = cart(begun, 1);
    const open = noteAnswer(noteAnswer(begun, id, true, at), id, true, later);
    expect(open.attempts[0]?.undecidedSince).toEqual(at);
    const told = noteAlert(noteAlert(open, id, 'undecided:TST1', at), id, 'paidTwice:TST1', at);
    const decided = noteAnswer(told, id, false, later).attempts[0];
    expect(decided).not.toHaveProperty('undecidedSince');
    expect(decided?.alerted).toEqual(['paidTwice:TST1']);
  });

  it('keeps each key with the try it was answered with', () => {
    const at = new Date(START);
    const begun = beginAttempt(newPayment(at), { at, key: 'a' });
    const told = answeredWith(
      answeredWith(begun, cart(begun, 1), 'b', at),
      cart(begun, 1),
      'c',
      at,
    );
    expect(told.attempts[0]?.keys).toEqual(['a', 'b', 'c']);
    expect(answeredWith(told, cart(begun, 1), 'b', at)).toBe(told);
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
