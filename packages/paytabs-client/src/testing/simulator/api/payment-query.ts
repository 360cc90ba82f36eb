import { cartRow, queryReply } from '../bodies.js';
import type { LedgerEntry } from '../books/ledger.js';
import type { Gateway } from '../gateway.js';
import type { Call } from './call.js';
import { refuseRequest } from './gateway-error.js';

/** `POST /payment/query`: one object by `tran_ref`, an array by `cart_id`. */
export function paymentQuery({ body, gateway, profile }: Call): object {
  const { tran_ref: tranRef, cart_id: cartId } = body;
  if (typeof tranRef === 'string' && cartId === undefined) {
    const entry = gateway.ledger.find(profile.profileId, tranRef);
    if (entry === undefined || !isVisible(entry, gateway)) {
      return refuseRequest(113, 'ErrorCode = 2000, ErrorMessage=Transaction not found');
    }
    return queryReply(entry, { profile, trace: gateway.references.trace() });
  }
  if (typeof cartId === 'string' && tranRef === undefined) {
    return gateway.ledger
      .byCart(profile.profileId, cartId)
      .filter((entry) => isVisible(entry, gateway))
      .slice(0, gateway.options.cartRows)
      .map(cartRow);
  }
  return refuseRequest(2, 'Invalid request: give one of tran_ref and cart_id');
}

const isVisible = ({ visibleAt }: LedgerEntry, { options, clock }: Gateway): boolean =>
  visibleAt === undefined ? options.temporary === 'visible' : visibleAt <= clock.wallTime();
