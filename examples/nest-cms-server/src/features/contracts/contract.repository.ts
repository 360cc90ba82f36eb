import type { Money } from '@nestcms/paytabs-client';
import { Injectable } from '@nestjs/common';
import { type ClientSession, type Collection, Long, type ObjectId } from 'mongodb';
import { type PageQuery, pageFilter } from '../../platform/http/page.js';
import { Database } from '../../platform/mongo/database.js';
import type { Parties } from '../parties.policy.js';
import { type ContractDocument, contractCollection } from './contract.schema.js';

@Injectable()
export class ContractRepository {
  private readonly contracts: Collection<ContractDocument>;

  constructor(database: Database) {
    this.contracts = database.collection<ContractDocument>(contractCollection.name);
  }

  async insert(session: ClientSession, contract: ContractDocument): Promise<void> {
    await this.contracts.insertOne(contract, { session });
  }

  find(
    id: ObjectId,
    visible: Partial<Parties>,
    session?: ClientSession,
  ): Promise<ContractDocument | null> {
    return this.contracts.findOne({ ...visible, _id: id }, { ...(session && { session }) });
  }

  list(visible: Partial<Parties>, page: PageQuery): Promise<ContractDocument[]> {
    return this.contracts
      .find({ ...visible, ...pageFilter(page) })
      .sort({ _id: -1 })
      .limit(page.limit)
      .toArray();
  }

  /**
   * Takes `amount` out of what may still be invoiced, in one conditional write: parallel invoices
   * of one contract meet at this document, so their sum cannot pass its amount.
   *
   * @returns false when the contract is not active, has another currency, or too little is left
   */
  async reserve(
    session: ClientSession,
    id: ObjectId,
    amount: Money,
    updatedAt: Date,
  ): Promise<boolean> {
    const minor = Long.fromBigInt(amount.minor);
    const { matchedCount } = await this.contracts.updateOne(
      {
        _id: id,
        status: 'active',
        'amount.currency': amount.currency,
        $expr: { $lte: [{ $add: ['$invoiced.minor', minor] }, '$amount.minor'] },
      },
      { $inc: { 'invoiced.minor': minor }, $set: { updatedAt } },
      { session },
    );
    return matchedCount === 1;
  }
}
