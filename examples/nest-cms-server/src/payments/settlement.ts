import { PayTabsClient, type Transaction } from '@nestcms/paytabs-client';
import { Inject, Injectable } from '@nestjs/common';
import { type ClientSession, ObjectId } from 'mongodb';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { CLOCK, type Clock } from '../platform/clock.js';
import { moneyToBson } from '../platform/money.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { Journal, type JournalEntry } from './journal.js';
import type { Attempt, PaymentDocument } from './payment.document.js';
import { type MoneyAlertReason, moneyAlert } from './payment.events.js';
import { PaymentRepository } from './payment.repository.js';
import { endAttempt, markPaid, noteSuspect } from './payment.transitions.js';
import { type Ruling, ruleOn } from './ruling.js';

export interface ApplyOptions {
  /** Believe the answer only if it shows money. */
  readonly onlyMoney?: boolean;
  /** Runs in the transaction of the effect. */
  readonly alongside?: (session: ClientSession, ruling: Ruling) => Promise<void>;
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
   * Asks the gateway what became of a try.
   *
   * @returns the payment as it is then, and whether the gateway knows anything of that try
   * @throws PayTabsError when it cannot be asked
   */
  async ask(
    payment: PaymentDocument,
    { cartId }: Attempt,
  ): Promise<{ payment: PaymentDocument; known: boolean }> {
    const transactions = await this.gateway.queryByCart({ cartId });
    // Money first: a card declined on the same page before or after it is no end of the payment.
    const authorisedFirst = transactions.toSorted(
      (one, other) => Number(other.status === 'A') - Number(one.status === 'A'),
    );
    let latest = payment;
    for (const transaction of authorisedFirst) {
      latest = (await this.apply(payment._id, transaction)).payment;
    }
    return { payment: latest, known: transactions.length > 0 };
  }

  /**
   * Applies an answer of the gateway; never a notice. Applied twice it has one effect: what was
   * journaled or is over already is found so in the same transaction.
   */
  async apply(
    paymentId: ObjectId,
    transaction: Transaction,
    { onlyMoney = false, alongside }: ApplyOptions = {},
  ): Promise<{ payment: PaymentDocument; ruling: Ruling }> {
    let ruling: Ruling = { kind: 'leave', reason: '' };
    const payment = await this.payments.change(paymentId, async (latest, session) => {
      ruling = ruleOn({
        payment: latest,
        transaction,
        profileId: this.profileId,
        journaled: await this.journal.holds(session, transaction.tranRef),
      });
      if (onlyMoney && ruling.kind === 'end') ruling = { kind: 'leave', reason: 'stale' };
      await alongside?.(session, ruling);
      return this.carryOut(ruling, latest, transaction, session);
    });
    return { payment, ruling };
  }

  /** Ends a try of which nobody has heard for long. */
  expire(paymentId: ObjectId, cartId: string): Promise<PaymentDocument> {
    return this.payments.change(paymentId, (latest) =>
      endAttempt(latest, cartId, 'expired', 'silence', this.now()),
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
        await this.alert(session, 'paidTwice', payment, transaction);
        return payment;
      case 'end':
        return endAttempt(payment, cartId, ruling.end, ruling.reason, this.now());
      case 'refuse': {
        const attempt = payment.attempts.find((one) => one.cartId === cartId);
        // Asked about again and again until a person has looked at it; told once.
        if (attempt?.suspects?.includes(transaction.tranRef)) return payment;
        await this.alert(session, 'bindingMismatch', payment, transaction, ruling.mismatches);
        return noteSuspect(payment, transaction, this.now());
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

  private async alert(
    session: ClientSession,
    reason: MoneyAlertReason,
    { _id }: PaymentDocument,
    { cartId, tranRef }: Transaction,
    mismatches: readonly string[] = [],
  ): Promise<void> {
    const aggregate = { type: 'payment', id: _id.toHexString() };
    await this.outbox.append(
      session,
      moneyAlert(reason, aggregate, { cartId, tranRef, mismatches }),
    );
  }

  private now(): Date {
    return new Date(this.clock.wallTime());
  }
}
