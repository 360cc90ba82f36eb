import { maskCard, schemeOf } from '../bank/cards.js';
import type { KeptCard } from '../books/vault.js';
import type { Call } from './call.js';
import { refuseRequest } from './gateway-error.js';
import { textOf } from './payment-fields.js';

function keptOf({ body, gateway, profile }: Call): KeptCard {
  const kept = gateway.vault.find(profile.profileId, textOf(body.token));
  return kept ?? refuseRequest(2, 'Invalid request: token');
}

/** `POST /payment/token`: the card behind a token. No `payment_result`. */
export function readToken(call: Call): object {
  const { tranRef, card } = keptOf(call);
  return {
    tran_ref: tranRef,
    payment_info: {
      card_type: 'Credit',
      card_scheme: schemeOf(card.number),
      payment_description: maskCard(card.number),
    },
    customer_details: call.gateway.ledger.get(tranRef)?.customer ?? {},
  };
}

/** `POST /payment/token/delete`. Its success has the shape of an error, with the code 0. */
export function deleteToken(call: Call): object {
  call.gateway.vault.drop(keptOf(call));
  return { code: 0, message: 'Token deleted', trace: call.gateway.references.trace() };
}
