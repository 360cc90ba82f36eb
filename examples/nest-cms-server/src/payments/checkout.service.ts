import type { Clock } from '@nestcms/circuit-breaker';
import {
  type Customer,
  type HostedPage,
  isPayTabsError,
  PayTabsClient,
  PayTabsError,
  type PayTabsErrorCode,
} from '@nestcms/paytabs-client';
import { Inject, Injectable } from '@nestjs/common';
import type { ObjectId } from 'mongodb';
import { z } from 'zod';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { visibleTo } from '../features/parties.policy.js';
import type { Caller } from '../identity/caller.js';
import { UserService } from '../identity/user.service.js';
import { CLOCK } from '../platform/clock.js';
import { conflict, forbidden, notFound } from '../platform/http/problem.js';
import { moneyFromBson } from '../platform/money.js';
import {
  type Attempt,
  currentAttempt,
  type PaymentDocument,
  runningAttempt,
} from './payment.document.js';
import { mayPay } from './payment.policy.js';
import { PaymentRepository } from './payment.repository.js';
import {
  answeredWith,
  beginAttempt,
  endAttempt,
  pageOpened,
  pageUnknown,
} from './payment.transitions.js';
import { type Asked, Settlement } from './settlement.js';
import {
  freshTryFrom,
  mayStillBeRequesting,
  PAGE_TTL_MINUTES,
  pageIsOpen,
  retryAfterSeconds,
} from './windows.js';

/** A page to pay on, or the state of things while there is none. */
export interface Checkout {
  readonly payment: PaymentDocument;
  readonly redirectUrl?: string;
  /** The gateway's word is awaited: ask again after this. */
  readonly retryAfterSeconds?: number;
}

/** So that no client can make a payment's document grow for ever. */
const MOST_TRIES = 50;
const MOST_KEYS = 50;

/** What the gateway takes of a name. */
const MOST_CHARACTERS = 128;

/** An address of another form would have the whole request refused; the page asks the payer for it. */
const gatewayEmailSchema = z.email({ pattern: z.regexes.html5Email }).max(MOST_CHARACTERS);

/** The page was never asked for; with any other refusal the gateway has seen the request. */
const NOT_SENT: ReadonlySet<PayTabsErrorCode> = new Set([
  'GATEWAY_UNAVAILABLE',
  'RATE_LIMITED',
  'INTENT_STORE_FAILED',
  'ABORTED',
]);

/** The client's side of a payment: from an invoice to a page at the gateway, one try at a time. */
@Injectable()
export class CheckoutService {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly users: UserService,
    private readonly settlement: Settlement,
    private readonly gateway: PayTabsClient,
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Gives the page of the running try, or starts a new try when there is none that could still be
   * paid. What became of tries whose end is not known for sure is asked first. A key belongs to the
   * try it was first answered with: the same key never starts another.
   *
   * @throws Problem 404 for a foreign payment, 403 for its employee, 409 `ALREADY_PAID`,
   *   `TOO_MANY_TRIES` or `TOO_MANY_KEYS`, 503 while the gateway cannot be reached
   */
  async process(caller: Caller, id: ObjectId, key?: string): Promise<Checkout> {
    const payment = await this.payments.find(id, visibleTo(caller));
    if (!payment) throw notFound();
    if (!mayPay(caller, payment)) throw forbidden();

    const replayed = tryOf(payment, key);
    if (replayed) return this.replay(payment, replayed);
    if (payment.status === 'paid') throw conflict('ALREADY_PAID', 'This payment is paid.');

    const running = runningAttempt(payment);
    if (running && this.needsNoQuestion(running)) return this.answer(payment, running, key);
    return (await this.askFirst(payment, key)) ?? this.startTry(payment, key);
  }

  /** What became of the try that this key belongs to; never another one. */
  private async replay(payment: PaymentDocument, attempt: Attempt): Promise<Checkout> {
    const isRunning = runningAttempt(payment)?.cartId === attempt.cartId;
    if (!isRunning || this.needsNoQuestion(attempt)) return this.stateOf(payment, attempt);
    const { payment: asked } = await this.settlement.ask(payment, attempt);
    return this.stateOf(asked, attemptOf(asked, attempt.cartId));
  }

  private needsNoQuestion(attempt: Attempt): boolean {
    const now = this.clock.wallTime();
    return pageIsOpen(attempt, now) || mayStillBeRequesting(attempt, now);
  }

  /**
   * Asks about every try whose page may have taken money.
   *
   * @returns what they lead to; nothing when a new try may take their place
   */
  private async askFirst(payment: PaymentDocument, key?: string): Promise<Checkout | undefined> {
    const unsure = payment.attempts.filter(
      ({ nextCheckAt, state }) => nextCheckAt !== undefined || state !== 'ended',
    );
    for (const attempt of unsure) {
      const asked = await this.settlement.ask(payment, attempt);
      if (asked.payment.status === 'paid') return { payment: asked.payment };
      const latest = attemptOf(asked.payment, attempt.cartId);
      if (!this.mustWait(asked, latest)) continue;
      if (latest.state !== 'ended') return this.answer(asked.payment, latest, key);
      // A try that is over is nobody's answer: the key is still free for the next one.
      const seconds = retryAfterSeconds(latest, this.clock.wallTime());
      return { payment: asked.payment, retryAfterSeconds: seconds };
    }
    return undefined;
  }

  /** Whether a new try beside this one could be a second charge. */
  private mustWait({ known, undecided }: Asked, attempt: Attempt): boolean {
    if (undecided) return true;
    if (attempt.state === 'ended') return false;
    return known || this.clock.wallTime() < freshTryFrom(attempt);
  }

  /**
   * The state of the try, which is this key's from now on.
   *
   * @throws Problem 409 `TOO_MANY_KEYS`
   */
  private async answer(
    payment: PaymentDocument,
    { cartId }: Attempt,
    key: string | undefined,
  ): Promise<Checkout> {
    const latest =
      key === undefined
        ? payment
        : await this.payments.change(payment._id, (one) =>
            answeredWith(roomForKey(one, cartId, key), cartId, key, this.now()),
          );
    return this.stateOf(latest, attemptOf(latest, cartId));
  }

  /** The one place that gives the address of a page: only while that page is the one to pay on. */
  private stateOf(payment: PaymentDocument, attempt: Attempt): Checkout {
    const now = this.clock.wallTime();
    if (payment.status !== 'processing') return { payment };
    const isRunning = runningAttempt(payment)?.cartId === attempt.cartId;
    if (isRunning && pageIsOpen(attempt, now) && attempt.redirectUrl) {
      return { payment, redirectUrl: attempt.redirectUrl };
    }
    if (attempt.state === 'ended') return { payment };
    const waitMs = mayStillBeRequesting(attempt, now) ? 0 : freshTryFrom(attempt) - now;
    const seconds = waitMs > 0 ? Math.ceil(waitMs / 1_000) : retryAfterSeconds(attempt, now);
    return { payment, retryAfterSeconds: seconds };
  }

  private async startTry(seen: PaymentDocument, key: string | undefined): Promise<Checkout> {
    const { write } = this.gateway.breakers;
    if (write.state === 'open') {
      throw new PayTabsError('GATEWAY_UNAVAILABLE', 'Its breaker is open: no try was begun', {
        retryAfterMs: write.retryAfterMs(),
      });
    }
    if (seen.attempts.length >= MOST_TRIES) {
      throw conflict('TOO_MANY_TRIES', `A payment is tried ${MOST_TRIES} times at most.`);
    }
    const customer = await this.customerOf(seen);

    let begun = false;
    const payment = await this.payments.change(seen._id, (latest) => {
      // Another call may have begun one meanwhile, or have been answered under this very key.
      begun =
        latest.status !== 'paid' &&
        latest.attempts.length === seen.attempts.length &&
        !tryOf(latest, key);
      return begun ? beginAttempt(latest, { at: this.now(), key }) : latest;
    });
    const attempt = currentAttempt(payment) as Attempt;
    if (!begun) return this.answer(payment, tryOf(payment, key) ?? attempt, key);

    const page = await this.requestPage(payment, attempt, customer);
    const latest = await this.payments.change(payment._id, (one) =>
      page ? pageOpened(one, page, this.now()) : pageUnknown(one, attempt.cartId, this.now()),
    );
    return this.stateOf(latest, attemptOf(latest, attempt.cartId));
  }

  /**
   * @returns nothing when nobody knows whether the gateway made the page
   * @throws PayTabsError when it is sure that none was made; the try is over then
   */
  private async requestPage(
    payment: PaymentDocument,
    { cartId }: Attempt,
    customer: Customer | undefined,
  ): Promise<HostedPage | undefined> {
    const { callbackUrl, returnUrl } = this.environment.paytabs;
    try {
      const outcome = await this.gateway.createHostedPage({
        cartId,
        amount: moneyFromBson(payment.amount),
        description: payment.title,
        ...(customer && { customer }),
        callbackUrl,
        returnUrl,
        ttlMinutes: PAGE_TTL_MINUTES,
        hideShipping: true,
      });
      return outcome.kind === 'page' ? outcome : undefined;
    } catch (error) {
      if (!isPayTabsError(error)) throw error;
      const end = NOT_SENT.has(error.code) ? 'notSent' : 'refused';
      await this.payments.change(payment._id, (latest) =>
        endAttempt(latest, cartId, end, end, this.now()),
      );
      throw error;
    }
  }

  private async customerOf({ clientId }: PaymentDocument): Promise<Customer | undefined> {
    const user = await this.users.find(clientId);
    if (!user) return undefined;
    // Never half a character, which is no text any more.
    const name = user.fullName.slice(0, MOST_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
    const email = gatewayEmailSchema.safeParse(user.email);
    return { name, ...(email.success && { email: email.data }) };
  }

  private now(): Date {
    return new Date(this.clock.wallTime());
  }
}

function attemptOf(payment: PaymentDocument, cartId: string): Attempt {
  const attempt = payment.attempts.find((one) => one.cartId === cartId);
  if (!attempt) throw new Error(`Payment ${payment._id.toHexString()} has no try ${cartId}`);
  return attempt;
}

const tryOf = (payment: PaymentDocument, key: string | undefined): Attempt | undefined =>
  key === undefined ? undefined : payment.attempts.find(({ keys }) => keys?.includes(key));

function roomForKey(payment: PaymentDocument, cartId: string, key: string): PaymentDocument {
  const { keys = [] } = attemptOf(payment, cartId);
  if (keys.length >= MOST_KEYS && !keys.includes(key)) {
    throw conflict('TOO_MANY_KEYS', `One try is asked for under ${MOST_KEYS} keys at most.`);
  }
  return payment;
}
