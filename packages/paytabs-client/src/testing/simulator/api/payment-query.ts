import { cartRow, transactionReply } from '../bodies.js';
import type { Gateway } from '../gateway.js';
import type { SimulatorProfile } from '../options.js';
import { refuseRequest } from './gateway-error.js';
import type { Body } from './payment-fields.js';

/** `POST /payment/query`: one object by `tran_ref`, an array by `cart_id`. Temporary transactions are not seen. */
export function paymentQuery(
  body: Body,
  { gateway, profile }: { gateway: Gateway; profile: SimulatorProfile },
): object {
  const { tran_ref: tranRef, cart_id: cartId } = body;
  if (typeof tranRef === 'string' && cartId === undefined) {
    const entry = gateway.ledger.find(profile.profileId, tranRef);
    if (entry?.status === undefined) {
      return refuseRequest(113, 'ErrorCode = 2000, ErrorMessage=Transaction not found');
    }
    return transactionReply(entry, { profile, trace: gateway.references.trace() });
  }
  if (typeof cartId === 'string' && tranRef === undefined) {
    return gateway.ledger
      .byCart(profile.profileId, cartId)
      .filter((entry) => entry.status !== undefined)
      .map(cartRow);
  }
  return refuseRequest(2, 'Invalid request: give one of tran_ref and cart_id');
}
