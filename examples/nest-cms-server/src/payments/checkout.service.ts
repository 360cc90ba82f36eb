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
import { type Attempt, currentAttempt, type PaymentDocument } from './payment.document.js';
import { mayPay } from './payment.policy.js';
import { PaymentRepository } from './payment.repository.js';
import { beginAttempt, endAttempt, pageOpened, pageUnknown } from './payment.transitions.js';
import { Settlement } from './settlement.js';
import { freshTryFrom, mayStillBeRequesting, PAGE_TTL_MINUTES, pageIsOpen } from './windows.js';

/** A page to pay on, or the state of things while there is none. */
export interface Checkout {
  readonly payment: PaymentDocument;
  readonly redirectUrl?: string;
  /** The gateway's word is awaited: ask again after this. */
  readonly retryAfterSeconds?: number;
}

const SOON_SECONDS = 2;

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
   * paid. What became of a try whose end is unknown is asked first. A key belongs to one try: the
   * same key never starts another.
   *
   * @throws Problem 404 for a foreign payment, 403 for its employee, 409 `ALREADY_PAID`, 503 while
   *   the gateway cannot be reached
   */
  async process(caller: Caller, id: ObjectId, key?: string): Promise<Checkout> {
    const payment = await this.payments.find(id, visibleTo(caller));
    if (!payment) throw notFound();
    if (!mayPay(caller, payment)) throw forbidden();

    const replayed = key === undefined ? undefined : payment.attempts.find((a) => a.key === key);
    if (replayed) return this.stateOf(payment, replayed);
    if (payment.status === 'paid') throw conflict('ALREADY_PAID', 'This payment is paid.');

    const running = payment.status === 'processing' ? currentAttempt(payment) : undefined;
    if (running) {
      const checkout = await this.resume(payment, running);
      if (checkout) return checkout;
    }
    return this.startTry(payment, key);
  }

  /** What a running try leads to; nothing when a new one may take its place. */
  private async resume(payment: PaymentDocument, attempt: Attempt): Promise<Checkout | undefined> {
    const now = this.clock.wallTime();
    if (pageIsOpen(attempt, now) || mayStillBeRequesting(attempt, now)) {
      return this.stateOf(payment, attempt);
    }
    const { payment: asked, known } = await this.settlement.ask(payment, attempt);
    if (asked.status === 'paid') return { payment: asked };
    if (asked.status !== 'processing') return undefined;
    if (known || now < freshTryFrom(attempt)) {
      const waitMs = known ? 0 : freshTryFrom(attempt) - now;
      return {
        payment: asked,
        retryAfterSeconds: Math.max(SOON_SECONDS, Math.ceil(waitMs / 1_000)),
      };
    }
    return undefined;
  }

  private stateOf(payment: PaymentDocument, attempt: Attempt): Checkout {
    if (pageIsOpen(attempt, this.clock.wallTime()) && attempt.redirectUrl) {
      return { payment, redirectUrl: attempt.redirectUrl };
    }
    return {
      payment,
      ...(attempt.state !== 'ended' && { retryAfterSeconds: SOON_SECONDS }),
    };
  }

  private async startTry(seen: PaymentDocument, key: string | undefined): Promise<Checkout> {
    const { write } = this.gateway.breakers;
    if (write.state === 'open') {
      throw new PayTabsError('GATEWAY_UNAVAILABLE', 'Its breaker is open: no try was begun', {
        retryAfterMs: write.retryAfterMs(),
      });
    }
    const customer = await this.customerOf(seen);

    let begun = false;
    const payment = await this.payments.change(seen._id, (latest) => {
      begun = latest.status !== 'paid' && latest.attempts.length === seen.attempts.length;
      return begun ? beginAttempt(latest, { at: this.now(), key }) : latest;
    });
    const attempt = currentAttempt(payment) as Attempt;
    if (!begun) return this.stateOf(payment, attempt);

    const page = await this.requestPage(payment, attempt, customer);
    if (!page) {
      const unknown = await this.payments.change(payment._id, (latest) =>
        pageUnknown(latest, attempt.cartId, this.now()),
      );
      return { payment: unknown, retryAfterSeconds: SOON_SECONDS };
    }
    const opened = await this.payments.change(payment._id, (latest) =>
      pageOpened(latest, page, this.now()),
    );
    return { payment: opened, redirectUrl: page.redirectUrl };
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
      return await this.gateway.createHostedPage({
        cartId,
        amount: moneyFromBson(payment.amount),
        description: payment.title,
        ...(customer && { customer }),
        callbackUrl,
        returnUrl,
        ttlMinutes: PAGE_TTL_MINUTES,
        hideShipping: true,
      });
    } catch (error) {
      if (!isPayTabsError(error)) throw error;
      if (error.code === 'OUTCOME_UNKNOWN' || error.code === 'DUPLICATE_REQUEST') return undefined;
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
    const name = user.fullName.slice(0, MOST_CHARACTERS);
    const email = gatewayEmailSchema.safeParse(user.email);
    return { name, ...(email.success && { email: email.data }) };
  }

  private now(): Date {
    return new Date(this.clock.wallTime());
  }
}
