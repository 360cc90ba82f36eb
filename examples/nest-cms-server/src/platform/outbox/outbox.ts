import { Inject, Injectable } from '@nestjs/common';
import { type ClientSession, ObjectId } from 'mongodb';
import { CLOCK, type Clock } from '../clock.js';
import { Database } from '../mongo/database.js';
import { currentRequestId } from '../request-context.js';
import type { DomainEvent } from './event.js';
import { OUTBOX, type OutboxDocument } from './outbox.collection.js';
import { OutboxRelay } from './outbox-relay.js';

/** Where what happened is written down, in the transaction in which it happens. */
@Injectable()
export class Outbox {
  constructor(
    private readonly database: Database,
    private readonly relay: OutboxRelay,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Adds the event to the transaction of `session`; it reaches the subscribers after the commit, at least once.
   * Two transactions that append to one aggregate conflict, so its sequence has no gap and no double.
   */
  async append(session: ClientSession, event: DomainEvent): Promise<void> {
    if (!session.inTransaction()) throw new Error('An event is appended inside a transaction');
    const events = this.database.collection<OutboxDocument>(OUTBOX);
    const { type, id } = event.aggregate;
    const last = await events.findOne(
      { 'aggregate.type': type, 'aggregate.id': id },
      { session, sort: { sequence: -1 }, projection: { sequence: 1 } },
    );
    const time = new Date(this.clock.wallTime());
    await events.insertOne(
      {
        _id: new ObjectId(),
        v: 1,
        type: event.type,
        aggregate: { type, id },
        sequence: (last?.sequence ?? 0) + 1,
        data: event.data,
        time,
        correlationId: currentRequestId(),
        ...(event.causationId === undefined ? {} : { causationId: event.causationId }),
        pending: true,
        delivered: [],
        attempts: 0,
        dueAt: time,
        leasedUntil: time,
      },
      { session },
    );
    this.database.afterCommit(session, 'outbox', () => this.relay.wake());
  }
}
