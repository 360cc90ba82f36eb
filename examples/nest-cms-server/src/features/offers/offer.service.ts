import type { Clock } from '@nestcms/circuit-breaker';
import { Inject, Injectable } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import type { Caller } from '../../identity/caller.js';
import { UserService } from '../../identity/user.service.js';
import { CLOCK } from '../../platform/clock.js';
import { type Page, type PageQuery, toPage } from '../../platform/http/page.js';
import { conflict, forbidden, notFound, unprocessable } from '../../platform/http/problem.js';
import { moneyToBson } from '../../platform/money.js';
import { Database } from '../../platform/mongo/database.js';
import { Outbox } from '../../platform/outbox/outbox.js';
import { visibleTo } from '../parties.policy.js';
import { offerEvent } from './offer.events.js';
import { mayAcceptOffer } from './offer.policy.js';
import { OfferRepository } from './offer.repository.js';
import { type CreateOffer, type OfferDocument, type OfferView, offerView } from './offer.schema.js';

@Injectable()
export class OfferService {
  constructor(
    private readonly offers: OfferRepository,
    private readonly users: UserService,
    private readonly database: Database,
    private readonly outbox: Outbox,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws Problem 422 `UNKNOWN_CLIENT` when the addressee is not a client of the house */
  async create(caller: Caller, input: CreateOffer): Promise<OfferView> {
    const client = await this.users.find(input.clientId);
    if (client?.role !== 'client') {
      throw unprocessable('UNKNOWN_CLIENT', 'clientId names no client.');
    }
    const now = new Date(this.clock.wallTime());
    const offer: OfferDocument = {
      _id: new ObjectId(),
      v: 1,
      title: input.title,
      content: input.content,
      price: moneyToBson(input.price),
      clientId: input.clientId,
      employeeId: caller.userId,
      status: 'review',
      createdAt: now,
      updatedAt: now,
    };
    await this.database.transaction(async (session) => {
      await this.offers.insert(session, offer);
      await this.outbox.append(session, offerEvent('offer.created', offer));
    });
    return offerView(offer);
  }

  async list(caller: Caller, page: PageQuery): Promise<Page<OfferView>> {
    return toPage(await this.offers.list(visibleTo(caller), page), page, offerView);
  }

  /** @throws Problem 404 for a foreign offer, 403 for its employee, 409 `OFFER_NOT_OPEN` */
  async accept(caller: Caller, offerId: ObjectId): Promise<OfferView> {
    const offer = await this.offers.find(offerId, visibleTo(caller));
    if (!offer) throw notFound();
    if (!mayAcceptOffer(caller, offer)) throw forbidden();
    const { result } = await this.database.transaction(async (session) => {
      const accepted = await this.offers.move(session, offerId, 'accepted', {
        updatedAt: new Date(this.clock.wallTime()),
      });
      if (!accepted) throw conflict('OFFER_NOT_OPEN', 'The offer is decided already.');
      await this.outbox.append(session, offerEvent('offer.accepted', accepted));
      return accepted;
    });
    return offerView(result);
  }
}
