import { AggregationCache } from '@nestcms/aggregation-cache';
import { Injectable } from '@nestjs/common';
import type { ClientSession, Collection, Filter, ObjectId } from 'mongodb';
import type { Parties } from '../features/parties.policy.js';
import { Metrics } from '../operations/metrics.js';
import { type PageQuery, pageFilter } from '../platform/http/page.js';
import { Database } from '../platform/mongo/database.js';
import { Outbox } from '../platform/outbox/outbox.js';
import { type PaymentDocument, paymentCollection } from './payment.document.js';
import { paymentMoved } from './payment.events.js';
import type { PaymentStatus } from './payment.machine.js';

@Injectable()
export class PaymentRepository {
  private readonly payments: Collection<PaymentDocument>;

  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly cache: AggregationCache,
    private readonly metrics: Metrics,
  ) {
    this.payments = database.collection<PaymentDocument>(paymentCollection.name);
  }

  /** Stores a new payment, with its event. */
  async insert(session: ClientSession, payment: PaymentDocument): Promise<void> {
    await this.payments.insertOne(payment, { session });
    await this.tellMove(session, payment, undefined);
  }

  find(id: ObjectId, visible: Partial<Parties> = {}): Promise<PaymentDocument | null> {
    return this.payments.findOne({ ...visible, _id: id });
  }

  findByCart(cartId: string): Promise<PaymentDocument | null> {
    return this.payments.findOne({ 'attempts.cartId': cartId });
  }

  list(visible: Filter<PaymentDocument>, page: PageQuery): Promise<PaymentDocument[]> {
    return this.payments
      .find({ ...visible, ...pageFilter(page) })
      .sort({ _id: -1 })
      .limit(page.limit)
      .toArray();
  }

  /**
   * The one way in which a payment changes: read, decided and written in one transaction, and a
   * move of its state leaves its event there too. Two at a time conflict; the later one reads anew.
   *
   * @param decide gives the next document, or the same one for no change; may run several times
   */
  async change(
    id: ObjectId,
    decide: (
      payment: PaymentDocument,
      session: ClientSession,
    ) => PaymentDocument | Promise<PaymentDocument>,
  ): Promise<PaymentDocument> {
    const { result, token } = await this.write(id, decide);
    if (result.changed) {
      await this.cache.invalidate({ collections: ['payments', 'contracts'], after: token });
    }
    return result.payment;
  }

  /** Changes only when the payment is asked about, which no reader sees: nothing cached is dropped. */
  async reschedule(
    id: ObjectId,
    decide: (payment: PaymentDocument) => PaymentDocument,
  ): Promise<void> {
    await this.write(id, decide);
  }

  private write(
    id: ObjectId,
    decide: (
      payment: PaymentDocument,
      session: ClientSession,
    ) => PaymentDocument | Promise<PaymentDocument>,
  ) {
    return this.database.transaction(async (session) => {
      const before = await this.payments.findOne({ _id: id }, { session });
      if (!before) throw new Error(`Payment ${id.toHexString()} is gone`);
      const decided = await decide(before, session);
      if (decided === before) return { payment: before, changed: false };
      const after = { ...decided, version: before.version + 1 };
      const { matchedCount } = await this.payments.replaceOne(
        { _id: id, version: before.version },
        after,
        { session },
      );
      if (matchedCount !== 1) throw new Error(`Payment ${id.toHexString()} changed underneath`);
      if (after.status !== before.status) {
        await this.tellMove(session, after, before.status);
      }
      return { payment: after, changed: true };
    });
  }

  /**
   * Takes one payment with tries that should be asked about, and puts off their next turn so that
   * no other instance takes it too.
   *
   * @returns the payment as it was before: its due tries are those of which `nextCheckAt` is over
   */
  takeDue(now: Date, nextTurn: Date): Promise<PaymentDocument | null> {
    return this.payments.findOneAndUpdate(
      { nextCheckAt: { $lte: now } },
      {
        $set: { nextCheckAt: nextTurn, 'attempts.$[due].nextCheckAt': nextTurn },
        $inc: { version: 1 },
      },
      {
        arrayFilters: [{ 'due.nextCheckAt': { $lte: now } }],
        sort: { nextCheckAt: 1 },
        returnDocument: 'before',
      },
    );
  }

  private async tellMove(
    session: ClientSession,
    payment: PaymentDocument,
    from: PaymentStatus | undefined,
  ): Promise<void> {
    const reason = payment.history.at(-1)?.reason ?? '';
    await this.outbox.append(session, paymentMoved(payment, from, reason));
    this.database.afterCommit(session, 'payment move', () =>
      this.metrics.paymentMoves.inc({ state: payment.status }),
    );
  }
}
