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
      return notFound(gateway);
    }
    const { decimals } = gateway.options;
    return queryReply(entry, { profile, decimals, trace: gateway.references.trace() });
  }
  if (typeof cartId === 'string' && tranRef === undefined) {
    const rows = gateway.ledger
      .byCart(profile.profileId, cartId)
      .filter((entry) => isVisible(entry, gateway));
    const { unknownCart, cartRows } = gateway.options;
    if (rows.length === 0 && unknownCart === 'error') return notFound(gateway);
    return rows.slice(0, cartRows).map((entry) => cartRow(entry, gateway.options));
  }
  return refuseRequest(2, 'Invalid request: give one of tran_ref and cart_id');
}

const notFound = ({ options }: Gateway) =>
  refuseRequest(options.notFoundCode, 'ErrorCode = 2000, ErrorMessage=Transaction not found');

const isVisible = ({ visibleAt }: LedgerEntry, { options, clock }: Gateway): boolean =>
  visibleAt === undefined ? options.temporary === 'visible' : visibleAt <= clock.wallTime();
