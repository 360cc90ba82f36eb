import { Injectable } from '@nestjs/common';
import type { ClientSession, Collection, ObjectId } from 'mongodb';
import { type PageQuery, pageFilter } from '../../platform/http/page.js';
import { Database } from '../../platform/mongo/database.js';
import type { Parties } from '../parties.policy.js';
import { type OfferStatus, offerMachine } from './offer.machine.js';
import { type OfferDocument, offerCollection } from './offer.schema.js';

@Injectable()
export class OfferRepository {
  private readonly offers: Collection<OfferDocument>;

  constructor(database: Database) {
    this.offers = database.collection<OfferDocument>(offerCollection.name);
  }

  async insert(session: ClientSession, offer: OfferDocument): Promise<void> {
    await this.offers.insertOne(offer, { session });
  }

  find(id: ObjectId, visible: Partial<Parties>): Promise<OfferDocument | null> {
    return this.offers.findOne({ ...visible, _id: id });
  }

  list(visible: Partial<Parties>, page: PageQuery): Promise<OfferDocument[]> {
    return this.offers
      .find({ ...visible, ...pageFilter(page) })
      .sort({ _id: -1 })
      .limit(page.limit)
      .toArray();
  }

  /** Moves the offer if its state still allows it; `null` when another move came first. */
  move(
    session: ClientSession,
    id: ObjectId,
    to: OfferStatus,
    set: { updatedAt: Date; contractId?: ObjectId },
  ): Promise<OfferDocument | null> {
    return this.offers.findOneAndUpdate(
      { _id: id, status: { $in: [...offerMachine.sourcesOf(to)] } },
      { $set: { ...set, status: to } },
      { session, returnDocument: 'after' },
    );
  }
}
