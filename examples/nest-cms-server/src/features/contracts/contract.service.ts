import { AggregationCache } from '@nestcms/aggregation-cache';
import type { Clock } from '@nestcms/circuit-breaker';
import { Inject, Injectable } from '@nestjs/common';
import { Long, ObjectId } from 'mongodb';
import type { Caller } from '../../identity/caller.js';
import { CLOCK } from '../../platform/clock.js';
import { type Page, type PageQuery, toPage } from '../../platform/http/page.js';
import { conflict, forbidden, notFound } from '../../platform/http/problem.js';
import { Database } from '../../platform/mongo/database.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import { contractDetails } from '../../reading/contract-details.js';
import { offerEvent } from '../offers/offer.events.js';
import { mayConvertOffer } from '../offers/offer.policy.js';
import { OfferRepository } from '../offers/offer.repository.js';
import { maySee, visibleTo } from '../parties.policy.js';
import { contractCreated } from './contract.events.js';
import { ContractRepository } from './contract.repository.js';
import {
  type ContractDocument,
  type ContractView,
  type CreateContract,
  contractView,
} from './contract.schema.js';

@Injectable()
export class ContractService {
  constructor(
    private readonly contracts: ContractRepository,
    private readonly offers: OfferRepository,
    private readonly database: Database,
    private readonly outbox: Outbox,
    private readonly cache: AggregationCache,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Problem 404 for a foreign offer, 403 for its client, 409 `OFFER_NOT_ACCEPTED` */
  async create(caller: Caller, input: CreateContract): Promise<ContractView> {
    const offer = await this.offers.find(input.offerId, visibleTo(caller));
    if (!offer) throw notFound();
    if (!mayConvertOffer(caller, offer)) throw forbidden();
    const now = new Date(this.clock.wallTime());
    const contract: ContractDocument = {
      _id: new ObjectId(),
      v: 1,
      offerId: offer._id,
      title: input.title ?? offer.title,
      content: input.content ?? offer.content,
      amount: offer.price,
      invoiced: { minor: Long.ZERO, currency: offer.price.currency },
      clientId: offer.clientId,
      employeeId: offer.employeeId,
      status: 'active',
      createdAt: now,
      updatedAt: now,
    };
    const { token } = await this.database.transaction(async (session) => {
      const converted = await this.offers.move(session, offer._id, 'converted', {
        updatedAt: now,
        contractId: contract._id,
      });
      if (!converted) {
        throw conflict('OFFER_NOT_ACCEPTED', 'Only an accepted offer becomes a contract, once.');
      }
      await this.contracts.insert(session, contract);
      await this.outbox.append(session, offerEvent('offer.converted', converted));
      await this.outbox.append(session, contractCreated(contract));
    });
    await this.cache.invalidate({ collections: ['contracts'], after: token });
    return contractView(contract);
  }

  async list(caller: Caller, page: PageQuery): Promise<Page<ContractView>> {
    return toPage(await this.contracts.list(visibleTo(caller), page), page, contractView);
  }

  /**
   * The contract with what belongs to it, through the aggregation layer. The rows are the same for
   * everybody; who may see them is asked here, on each read, so no key needs to carry the caller.
   *
   * @throws Problem 404 for an unknown or foreign contract
   */
  async details(caller: Caller, contractId: ObjectId) {
    const read = await this.cache.read(contractDetails, { contractId });
    const [row] = read.rows;
    if (!row || !maySee(caller, row)) throw notFound();
    return { row, read };
  }
}
