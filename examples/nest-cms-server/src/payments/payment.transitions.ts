import type { HostedPage } from '@nestcms/paytabs-client';
import type { Attempt, AttemptEnd, PaymentDocument } from './payment.document.js';
import { currentAttempt } from './payment.document.js';
import { type PaymentStatus, paymentMachine } from './payment.machine.js';
import { nextCheckAfter, PAGE_TTL_MINUTES } from './windows.js';

/*
 * What may become of a payment. Pure functions from one document to the next: the states in
 * `payment.machine.ts` are enforced here and nowhere else.
 */

function move(
  payment: PaymentDocument,
  to: PaymentStatus,
  reason: string,
  at: Date,
): PaymentDocument {
  const from = payment.status;
  if (!paymentMachine.allows(from, to)) {
    throw new Error(`A payment does not move from ${from} to ${to}`);
  }
  const { nextCheckAt: _, ...rest } = payment;
  return {
    ...rest,
    status: to,
    history: [...payment.history, { from, to, at, reason }],
    updatedAt: at,
  };
}

function withAttempt(
  payment: PaymentDocument,
  cartId: string,
  at: Date,
  change: (attempt: Attempt) => Attempt,
): PaymentDocument {
  return {
    ...payment,
    attempts: payment.attempts.map((attempt) =>
      attempt.cartId === cartId ? change(attempt) : attempt,
    ),
    updatedAt: at,
  };
}

const ended = (attempt: Attempt, end: AttemptEnd, at: Date): Attempt =>
  attempt.state === 'ended' ? attempt : { ...attempt, state: 'ended', end, endedAt: at };

const isCurrent = (payment: PaymentDocument, cartId: string): boolean =>
  payment.status === 'processing' && currentAttempt(payment)?.cartId === cartId;

/** Starts a try. One that is still open is given up: it never moves the payment again, unless it is paid. */
export function beginAttempt(
  payment: PaymentDocument,
  { at, key }: { at: Date; key?: string | undefined },
): PaymentDocument {
  const number = payment.attempts.length + 1;
  const attempt: Attempt = {
    number,
    cartId: `${payment._id.toHexString()}.${number}`,
    ...(key !== undefined && { key }),
    state: 'requesting',
    startedAt: at,
  };
  const moved =
    payment.status === 'processing' ? payment : move(payment, 'processing', 'started', at);
  return {
    ...moved,
    attempts: [...moved.attempts.map((earlier) => ended(earlier, 'superseded', at)), attempt],
    nextCheckAt: nextCheckAfter(attempt, at.getTime()),
    updatedAt: at,
  };
}

/** The gateway made the page. */
export function pageOpened(
  payment: PaymentDocument,
  { cartId, tranRef, redirectUrl }: Pick<HostedPage, 'cartId' | 'tranRef' | 'redirectUrl'>,
  at: Date,
): PaymentDocument {
  return withAttempt(payment, cartId, at, (attempt) => ({
    ...attempt,
    ...(attempt.state !== 'ended' && { state: 'open' as const }),
    tranRef,
    redirectUrl,
    pageExpiresAt: new Date(at.getTime() + PAGE_TTL_MINUTES * 60_000),
  }));
}

/** Nobody knows whether the gateway made the page. */
export function pageUnknown(payment: PaymentDocument, cartId: string, at: Date): PaymentDocument {
  return withAttempt(payment, cartId, at, (attempt) =>
    attempt.state === 'requesting' ? { ...attempt, state: 'unknown' } : attempt,
  );
}

/** A try is over without money. Only the current one moves the payment; a paid payment stays paid. */
export function endAttempt(
  payment: PaymentDocument,
  cartId: string,
  end: Exclude<AttemptEnd, 'paid' | 'superseded'>,
  reason: string,
  at: Date,
): PaymentDocument {
  const next = withAttempt(payment, cartId, at, (attempt) => ended(attempt, end, at));
  if (!isCurrent(payment, cartId)) return next;
  return move(next, end === 'notSent' || end === 'refused' ? 'failed' : end, reason, at);
}

/** A transaction under this cart is not the one asked for. */
export function noteSuspect(
  payment: PaymentDocument,
  { cartId, tranRef }: { cartId: string; tranRef: string },
  at: Date,
): PaymentDocument {
  return withAttempt(payment, cartId, at, (attempt) => ({
    ...attempt,
    suspects: [...(attempt.suspects ?? []), tranRef],
  }));
}

/** The gateway's own answer shows that this payment's money has moved. Any try may be the one. */
export function markPaid(
  payment: PaymentDocument,
  { cartId, tranRef }: { cartId: string; tranRef: string },
  at: Date,
): PaymentDocument {
  const moved = move(payment, 'paid', 'confirmedByGateway', at);
  return {
    ...withAttempt(moved, cartId, at, (attempt) => ({
      ...ended({ ...attempt, state: 'open' }, 'paid', at),
      tranRef,
    })),
    tranRef,
    paidAt: at,
  };
}
