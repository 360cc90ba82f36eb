import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '@nestcms/circuit-breaker';
import { Inject, Injectable } from '@nestjs/common';
import { type ClientSession, type Collection, MongoServerError, ObjectId } from 'mongodb';
import { CLOCK } from '../../platform/clock.js';
import { Database } from '../../platform/mongo/database.js';
import { currentRequestId } from '../../platform/request-context.js';
import {
  inboxCollection,
  keepsClaim,
  keepsDigest,
  type NoticeDocument,
  type NoticeResult,
} from './notice.document.js';

const DUPLICATE_KEY = 11_000;

/** Longer than one query with all its retries. After a crash a notice waits this long at most. */
const LEASE_MS = 15_000;

export type NewNotice = Pick<
  NoticeDocument,
  'profileId' | 'tranRef' | 'status' | 'cartId' | 'body' | 'stale'
>;

/** Where notices are kept from the moment they are acknowledged. */
@Injectable()
export class Inbox {
  private readonly notices: Collection<NoticeDocument>;
  private readonly instance = randomUUID();

  constructor(
    database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.notices = database.collection<NoticeDocument>(inboxCollection.name);
  }

  /** @returns false when this notice or its claim is there already, however many copies come at once */
  async store(notice: NewNotice): Promise<boolean> {
    const now = this.now();
    try {
      await this.notices.insertOne({
        _id: new ObjectId(),
        v: 1,
        ...notice,
        digest: createHash('sha256').update(notice.body).digest('base64url'),
        claim: true,
        receivedAt: now,
        correlationId: currentRequestId(),
        pending: true,
        tries: 0,
        dueAt: now,
        leasedUntil: now,
      });
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  /** The notice that waits longest and is in nobody's hands, for this instance alone. */
  take(): Promise<NoticeDocument | null> {
    const now = this.now();
    return this.notices.findOneAndUpdate(
      { pending: true, dueAt: { $lte: now }, leasedUntil: { $lte: now } },
      {
        $set: { leasedBy: this.instance, leasedUntil: this.later(LEASE_MS) },
        $inc: { tries: 1 },
      },
      { sort: { dueAt: 1 }, returnDocument: 'after' },
    );
  }

  /**
   * Marks the notice as done, in the transaction of its effect. One that came to nothing gives its
   * claim back.
   *
   * @throws Error when another instance took it over meanwhile: then the effect must not be either
   */
  async finish(
    session: ClientSession,
    notice: NoticeDocument,
    result: NoticeResult,
  ): Promise<void> {
    const { matchedCount } = await this.notices.updateOne(
      { _id: notice._id, pending: true, leasedBy: this.instance },
      {
        $set: { pending: false, result, processedAt: this.now() },
        $unset: {
          leasedBy: '',
          ...(!keepsClaim(result, notice) && { claim: '' }),
          ...(!keepsDigest(result) && { digest: '' }),
        },
      },
      { session },
    );
    if (matchedCount !== 1) throw new Error('The notice is in other hands now');
  }

  /** Lets the notice wait; `unknown` when the gateway did not know its transaction. */
  async putBack(
    notice: NoticeDocument,
    delayMs: number,
    { unknown = false }: { unknown?: boolean } = {},
  ): Promise<void> {
    await this.notices.updateOne(
      { _id: notice._id, leasedBy: this.instance },
      {
        $set: { dueAt: this.later(delayMs), leasedUntil: this.now() },
        $unset: { leasedBy: '' },
        ...(unknown && { $inc: { unknownAnswers: 1 } }),
      },
    );
  }

  /** How much waits, and since when it has been here. */
  async lag(): Promise<{ pending: number; oldestAgeMs: number }> {
    const [waiting] = await this.notices
      .aggregate<{ pending: number; oldest: Date }>(
        [
          { $match: { pending: true } },
          { $group: { _id: null, pending: { $sum: 1 }, oldest: { $min: '$receivedAt' } } },
        ],
        // The index of those that wait; the others are kept for months.
        { hint: 'due' },
      )
      .toArray();
    if (!waiting) return { pending: 0, oldestAgeMs: 0 };
    const oldestAgeMs = Math.max(0, this.clock.wallTime() - waiting.oldest.getTime());
    return { pending: waiting.pending, oldestAgeMs };
  }

  private now(): Date {
    return new Date(this.clock.wallTime());
  }

  private later(ms: number): Date {
    return new Date(this.clock.wallTime() + ms);
  }
}
