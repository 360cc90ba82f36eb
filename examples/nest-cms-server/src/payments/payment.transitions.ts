import type { HostedPage } from '@nestcms/paytabs-client';
import type { Attempt, AttemptEnd, PaymentDocument } from './payment.document.js';
import { runningAttempt } from './payment.document.js';
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
  return {
    ...payment,
    status: to,
    history: [...payment.history, { from, to, at, reason }],
    updatedAt: at,
  };
}

/** Sets the tries, and with them when the payment is asked about next. */
function withAttempts(payment: PaymentDocument, attempts: Attempt[], at: Date): PaymentDocument {
  const checks = attempts.flatMap(({ nextCheckAt }) => nextCheckAt?.getTime() ?? []);
  const { nextCheckAt: _, ...rest } = payment;
  return {
    ...rest,
    attempts,
    ...(checks.length > 0 && { nextCheckAt: new Date(Math.min(...checks)) }),
    updatedAt: at,
  };
}

function withAttempt(
  payment: PaymentDocument,
  cartId: string,
  at: Date,
  change: (attempt: Attempt) => Attempt,
): PaymentDocument {
  const attempts = payment.attempts.map((one) => (one.cartId === cartId ? change(one) : one));
  return withAttempts(payment, attempts, at);
}

/** The gateway has no page of such a try, or its money is in the books: there is nothing to ask. */
const NOTHING_TO_ASK: ReadonlySet<AttemptEnd> = new Set(['notSent', 'refused', 'paid']);

function ended(attempt: Attempt, end: AttemptEnd, at: Date): Attempt {
  if (attempt.state === 'ended') return attempt;
  const over: Attempt = { ...attempt, state: 'ended', end, endedAt: at };
  return NOTHING_TO_ASK.has(end) ? unwatched(over) : over;
}

function unwatched(attempt: Attempt): Attempt {
  const { nextCheckAt: _, ...rest } = attempt;
  return rest;
}

/** Starts a try. One that is still open is given up: it never moves the payment again, unless it is paid. */
export function beginAttempt(
  payment: PaymentDocument,
  { at, key }: { at: Date; key?: string | undefined },
): PaymentDocument {
  const number = payment.attempts.length + 1;
  const begun: Attempt = {
    number,
    cartId: `${payment._id.toHexString()}.${number}`,
    ...(key !== undefined && { keys: [key] }),
    state: 'requesting',
    startedAt: at,
  };
  const attempt = { ...begun, nextCheckAt: nextCheckAfter(begun, at.getTime()) };
  const moved =
    payment.status === 'processing' ? payment : move(payment, 'processing', 'started', at);
  const earlier = moved.attempts.map((one) => ended(one, 'superseded', at));
  return withAttempts(moved, [...earlier, attempt], at);
}

/** A call with this key was answered with this try. */
export function answeredWith(
  payment: PaymentDocument,
  cartId: string,
  key: string,
  at: Date,
): PaymentDocument {
  const known = payment.attempts.some((one) => one.cartId === cartId && one.keys?.includes(key));
  if (known) return payment;
  return withAttempt(payment, cartId, at, (attempt) => ({
    ...attempt,
    keys: [...(attempt.keys ?? []), key],
  }));
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
  if (runningAttempt(payment)?.cartId !== cartId) return next;
  return move(next, end === 'notSent' || end === 'refused' ? 'failed' : end, reason, at);
}

/** A person was told something about this try. */
export function noteAlert(
  payment: PaymentDocument,
  cartId: string,
  alert: string,
  at: Date,
): PaymentDocument {
  return withAttempt(payment, cartId, at, (attempt) => ({
    ...attempt,
    alerted: [...(attempt.alerted ?? []), alert],
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

/** All money of this transaction went back at the gateway. */
export function noteUndone(
  payment: PaymentDocument,
  cartId: string,
  tranRef: string,
  at: Date,
): PaymentDocument {
  const known = payment.attempts.some(
    (one) => one.cartId === cartId && one.undone?.includes(tranRef),
  );
  if (known) return payment;
  return withAttempt(payment, cartId, at, (attempt) => ({
    ...attempt,
    undone: [...(attempt.undone ?? []), tranRef],
  }));
}

/** Sets when the gateway is asked about this try next; without a time, never again. */
export function checkNext(
  payment: PaymentDocument,
  cartId: string,
  next: Date | undefined,
): PaymentDocument {
  return withAttempt(payment, cartId, payment.updatedAt, (attempt) => ({
    ...unwatched(attempt),
    ...(next && { nextCheckAt: next }),
  }));
}

/** What asking about a try came to: whether its end is left open, and since when without a break. */
export function noteAnswer(
  payment: PaymentDocument,
  cartId: string,
  undecided: boolean,
  at: Date,
): PaymentDocument {
  return withAttempt(payment, cartId, payment.updatedAt, (attempt) => {
    const { undecidedSince, alerted, ...rest } = attempt;
    if (undecided) return { ...attempt, undecidedSince: undecidedSince ?? at };
    const others = alerted?.filter((alert) => !alert.startsWith('undecided:')) ?? [];
    return { ...rest, ...(others.length > 0 && { alerted: others }) };
  });
}
