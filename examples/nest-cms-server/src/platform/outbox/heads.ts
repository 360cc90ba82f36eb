import type { Collection, ObjectId } from 'mongodb';
import type { OutboxDocument } from './outbox.collection.js';

/** The oldest undelivered event of an aggregate: the only one of it that may be leased. */
export interface Head {
  readonly id: ObjectId;
  /** `type:id` */
  readonly aggregate: string;
}

/** Heads that are due and leased by nobody, longest due first. */
export async function findDueHeads(
  events: Collection<OutboxDocument>,
  now: Date,
  limit: number,
): Promise<Head[]> {
  return events
    .aggregate<Head>([
      { $match: { pending: true } },
      { $sort: { 'aggregate.type': 1, 'aggregate.id': 1, sequence: 1 } },
      {
        $group: {
          _id: { $concat: ['$aggregate.type', ':', '$aggregate.id'] },
          id: { $first: '$_id' },
          dueAt: { $first: '$dueAt' },
          leasedUntil: { $first: '$leasedUntil' },
        },
      },
      { $match: { dueAt: { $lte: now }, leasedUntil: { $lte: now } } },
      { $sort: { dueAt: 1 } },
      { $limit: limit },
      { $project: { _id: 0, id: 1, aggregate: '$_id' } },
    ])
    .toArray();
}

/**
 * Leases the head, unless another instance was faster. It is still the head then: a lower sequence of the aggregate
 * cannot appear, because sequences are given out in the order of the commits.
 */
export async function claimHead(
  events: Collection<OutboxDocument>,
  head: Head,
  lease: { by: string; now: Date; until: Date },
): Promise<OutboxDocument | null> {
  return events.findOneAndUpdate(
    { _id: head.id, pending: true, leasedUntil: { $lte: lease.now } },
    { $set: { leasedBy: lease.by, leasedUntil: lease.until }, $inc: { attempts: 1 } },
    { returnDocument: 'after' },
  ) as Promise<OutboxDocument | null>;
}
