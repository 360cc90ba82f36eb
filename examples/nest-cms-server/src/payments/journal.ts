import { Injectable } from '@nestjs/common';
import type { ClientSession, Collection, ObjectId } from 'mongodb';
import type { StoredMoney } from '../platform/money.js';
import { Database } from '../platform/mongo/database.js';
import type { CollectionSpec } from '../platform/mongo/schema.js';

/** Money that moved, once for each transaction of the gateway. Entries are only ever added. */
export interface JournalEntry {
  _id: ObjectId;
  v: 1;
  /** `payment` settled its payment; `surplus` came for one that was paid already. */
  kind: 'payment' | 'surplus';
  tranRef: string;
  cartId: string;
  paymentId: ObjectId;
  contractId: ObjectId;
  amount: StoredMoney;
  /** When the gateway says it happened. */
  movedAt?: Date;
  at: Date;
}

export const journalCollection: CollectionSpec = {
  name: 'journal',
  indexes: [{ key: { tranRef: 1 }, unique: true }, { key: { paymentId: 1 } }],
};

@Injectable()
export class Journal {
  private readonly entries: Collection<JournalEntry>;

  constructor(database: Database) {
    this.entries = database.collection<JournalEntry>(journalCollection.name);
  }

  async append(session: ClientSession, entry: JournalEntry): Promise<void> {
    await this.entries.insertOne(entry, { session });
  }

  async holds(session: ClientSession, tranRef: string): Promise<boolean> {
    return (await this.entries.countDocuments({ tranRef }, { session, limit: 1 })) === 1;
  }
}
