import { formatMajor } from '../../src/index.js';
import { type Simulator, testCards } from '../../src/testing/index.js';
import { amountOf, type Order } from './plan.js';

/** What happens at the gateway that is none of the shop's doing. */

/** A charge by the form of somebody else's server. */
async function charge(simulator: Simulator, fields: object): Promise<Record<string, string>> {
  const { baseUrl, serverKey, profileId } = simulator;
  const { number, cvv, expiryMonth, expiryYear } = testCards.visa;
  const answer = await fetch(`${baseUrl}/payment/request`, {
    method: 'POST',
    signal: AbortSignal.timeout(2_000),
    headers: { authorization: serverKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      profile_id: profileId,
      tran_type: 'sale',
      tran_class: 'ecom',
      cart_description: 'Chaos',
      customer_details: { name: 'Omar Saleh', email: 'omar@example.com', country: 'SA' },
      card_details: { pan: number, cvv, expiry_month: expiryMonth, expiry_year: expiryYear },
      ...fields,
    }),
  });
  return (await answer.json()) as Record<string, string>;
}

/** A card that all charges are made with. */
export async function saveCard(simulator: Simulator): Promise<{ token: string; tranRef: string }> {
  const cart = { cart_id: 'x-saved-card', cart_currency: 'AED', cart_amount: 1 };
  const { token, tran_ref: tranRef } = await charge(simulator, { ...cart, tokenise: 2 });
  if (token === undefined || tranRef === undefined) throw new Error('No card was saved.');
  return { token, tranRef };
}

/** Takes money under a reference of the shop's, with another amount. What fails here never was. */
export async function useElsewhere(
  simulator: Simulator,
  { order, cartId }: { readonly order: Order; readonly cartId: string },
): Promise<void> {
  const other = amountOf({ ...order, minor: order.minor + 100 });
  await charge(simulator, {
    cart_id: cartId,
    cart_currency: order.currency,
    cart_amount: Number(formatMajor(other)),
  }).catch(() => undefined);
}

/** Tells of a declined payment, truly signed, that it was paid. */
export async function lieAbout(simulator: Simulator, tranRef: string): Promise<void> {
  await simulator
    .deliver(tranRef, {
      mutate: (body) => ({
        ...body,
        payment_result: { ...(body.payment_result as object), response_status: 'A' },
      }),
    })
    .catch(() => undefined);
}
