import type { DomainEvent } from '../../platform/outbox/event.js';
import type { OfferDocument } from './offer.schema.js';

type OfferEventType = 'offer.created' | 'offer.accepted' | 'offer.converted';

export function offerEvent(type: OfferEventType, offer: OfferDocument): DomainEvent {
  const id = offer._id.toHexString();
  return {
    type,
    aggregate: { type: 'offer', id },
    data: {
      offerId: id,
      clientId: offer.clientId.toHexString(),
      employeeId: offer.employeeId.toHexString(),
      ...(offer.contractId && { contractId: offer.contractId.toHexString() }),
    },
  };
}
