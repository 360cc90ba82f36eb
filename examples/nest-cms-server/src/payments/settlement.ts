import {
  type CartTransactions,
  isPayTabsError,
  PayTabsClient,
  type Transaction,
} from '@nestcms/paytabs-client';
import { Inject, Injectable } from '@nestjs/common';
import { type ClientSession, ObjectId } from 'mongodb';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { moneyFromBson, moneyToBson } from '../platform/money.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { isOpen, isWithheld, undoneAmong } from './cart.js';
import { Journal, type JournalEntry } from './journal.js';
import { type Attempt, currentAttempt, type PaymentDocument } from './payment.document.js';
import { type MoneyAlertReason, moneyAlert } from './payment.events.js';
import { PaymentRepository } from './payment.repository.js';
import { endAttempt, markPaid, noteAlert, noteUndone } from './payment.transitions.js';
import { type Ruling, ruleOn } from './ruling.js';

export interface ApplyOptions {
  /** Believe the answer only if it shows money. */
  readonly onlyMoney?: boolean;
  /** The money of this transaction went back at the gateway. Default false. */
  readonly undone?: boolean;
  /** Runs in the transaction of the effect. */
  readonly alongside?: (session: ClientSession, ruling: Ruling) => Promise<void>;
}

/** What asking about a try came to. */
export interface Asked {
  /** The payment as it is then. */
  readonly payment: PaymentDocument;
  /** The gateway knows something of that try. */
  readonly known: boolean;
  /** It has not said its last word, or money was taken that is not what was asked for. */
  readonly undecided: boolean;
}

/** Brings what the gateway answers into the books: payment, journal and outbox in one transaction. */
@Injectable()
export class Settlement {
  private readonly profileId: number;

  constructor(
    private readonly payments: PaymentRepository,
    private readonly journal: Journal,
    private readonly outbox: Outbox,
    private readonly gateway: PayTabsClient,
    @Inject(ENVIRONMENT) environment: Environment,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.profileId = environment.paytabs.profileId;
  }

  /**
   * Asks the gateway what became of a try. An answer that cannot be read leaves it undecided.
   *
   * @throws PayTabsError when it cannot be asked
   */
  async ask(payment: PaymentDocument, { cartId }: Pick<Attempt, 'cartId'>): Promise<Asked> {
    const transactions = await this.query(cartId);
    // What cannot be read may be money.
    if (!transactions) return { payment, known: true, undecided: true };
    const undone = undoneAmong(transactions);
    let undecided = transactions.unreadable.length > 0;
    // Money first: a card declined on the same page before or after it is no end of the payment.
    const authorisedFirst = transactions.toSorted(
      (one, other) => Number(other.status === 'A') - Number(one.status === 'A'),
    );
    let latest = payment;
    for (const transaction of authorisedFirst) {
      const options = { undone: undone.has(transaction.tranRef) };
      const { payment: after, ruling } = await this.apply(payment._id, transaction, options);
      latest = after;
      undecided ||= isOpen(transaction, transactions);
      undecided ||= ruling.kind === 'refuse' && isWithheld(transaction, undone);
    }
    for (const { tranRef = '' } of transactions.unreadable) {
      latest = await this.payments.change(payment._id, (one, session) =>
        this.alertOnce(session, one, 'unreadableTransaction', { cartId, tranRef }),
      );
    }
    return { payment: latest, known: transactions.length > 0, undecided };
  }

  /** @returns nothing when the answer could not be read */
  private async query(cartId: string): Promise<CartTransactions | undefined> {
    try {
      return await this.gateway.queryByCart({ cartId });
    } catch (error) {
      if (isPayTabsError(error, 'UNEXPECTED_REPLY')) return undefined;
      throw error;
    }
  }

  /**
   * Applies an answer of the gateway; never a notice. Applied twice it has one effect: what was
   * journaled or is over already is found so in the same transaction.
   */
  async apply(
    paymentId: ObjectId,
    transaction: Transaction,
    { onlyMoney = false, undone = false, alongside }: ApplyOptions = {},
  ): Promise<{ payment: PaymentDocument; ruling: Ruling }> {
    let ruling: Ruling = { kind: 'leave', reason: '' };
    const payment = await this.payments.change(paymentId, async (latest, session) => {
      ruling = ruleOn({
        payment: latest,
        transaction,
        profileId: this.profileId,
        journaled: await this.journal.holds(session, transaction.tranRef),
        undone,
      });
      if (onlyMoney && ruling.kind === 'end') ruling = { kind: 'leave', reason: 'stale' };
      await alongside?.(session, ruling);
      return this.carryOut(ruling, latest, transaction, session);
    });
    return { payment, ruling };
  }

  /** Ends a try of which nobody has heard for long, or whose end the gateway never tells. */
  expire(
    paymentId: ObjectId,
    cartId: string,
    reason: 'silence' | 'undecided',
  ): Promise<PaymentDocument> {
    return this.payments.change(paymentId, (latest) =>
      endAttempt(latest, cartId, 'expired', reason, this.now()),
    );
  }

  /** Tells a person, once, that the gateway has left the end of a try open for long. */
  tellUndecided(payment: PaymentDocument, { cartId, tranRef = '' }: Attempt): Promise<unknown> {
    return this.payments.change(payment._id, (latest, session) =>
      this.alertOnce(session, latest, 'undecided', { cartId, tranRef }),
    );
  }

  private async carryOut(
    ruling: Ruling,
    payment: PaymentDocument,
    transaction: Transaction,
    session: ClientSession,
  ): Promise<PaymentDocument> {
    const { cartId } = transaction;
    switch (ruling.kind) {
      case 'pay':
        await this.journal.append(session, this.entry('payment', payment, transaction));
        return markPaid(payment, transaction, this.now());
      case 'surplus':
        await this.journal.append(session, this.entry('surplus', payment, transaction));
        return this.alertOnce(session, payment, 'paidTwice', transaction);
      case 'end':
        return endAttempt(payment, cartId, ruling.end, ruling.reason, this.now());
      case 'refuse':
        return this.alertOnce(session, payment, 'bindingMismatch', transaction, ruling.mismatches);
      case 'alert': {
        const told = await this.alertOnce(session, payment, ruling.reason, transaction);
        const { previousTranRef, total } = transaction;
        const isWhole = total.minor >= moneyFromBson(payment.amount).minor;
        return ruling.reason === 'undoneAtGateway' && previousTranRef !== undefined && isWhole
          ? noteUndone(told, cartId, previousTranRef, this.now())
          : told;
      }
      case 'leave':
        return payment;
    }
  }

  private entry(
    kind: JournalEntry['kind'],
    payment: PaymentDocument,
    { tranRef, cartId, total, time }: Transaction,
  ): JournalEntry {
    return {
      _id: new ObjectId(),
      v: 1,
      kind,
      tranRef,
      cartId,
      paymentId: payment._id,
      contractId: payment.contractId,
      amount: moneyToBson(total),
      ...(time && { movedAt: time }),
      at: this.now(),
    };
  }

  /** A try is asked about again and again, whoever has looked at it; a person is told once. */
  private async alertOnce(
    session: ClientSession,
    payment: PaymentDocument,
    reason: MoneyAlertReason,
    { cartId, tranRef }: Pick<Transaction, 'cartId' | 'tranRef'>,
    mismatches: readonly string[] = [],
  ): Promise<PaymentDocument> {
    const alert = `${reason}:${tranRef}`;
    const attempt =
      payment.attempts.find((one) => one.cartId === cartId) ?? currentAttempt(payment);
    if (attempt?.alerted?.includes(alert)) return payment;
    const aggregate = { type: 'payment', id: payment._id.toHexString() };
    await this.outbox.append(
      session,
      moneyAlert(reason, aggregate, { cartId, tranRef, mismatches }),
    );
    return attempt ? noteAlert(payment, attempt.cartId, alert, this.now()) : payment;
  }

  private now(): Date {
    return new Date(this.clock.wallTime());
  }
}
