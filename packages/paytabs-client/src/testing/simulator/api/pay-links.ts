import { formatMajor } from '../../../money/money.js';
import type { PayLink } from '../books/pay-links.js';
import { writeAmount } from '../decimals.js';
import type { Call } from './call.js';
import { refuseRequest } from './gateway-error.js';
import { readOrder } from './new-payment.js';
import { type Body, readPaymentFields, textOf } from './payment-fields.js';

function readLink(body: Body, call: Call): Omit<PayLink, 'id'> {
  const title = textOf(body.link_title);
  if (title === '') refuseRequest(2, 'Invalid request: link_title');
  // A link has no cart of its own: every payment on it is named after it.
  const request = {
    tran_type: 'sale',
    tran_class: 'ecom',
    cart_id: title.slice(0, 64),
    cart_description: title.slice(0, 128),
    ...body,
  };
  const fields = readPaymentFields(request, call.gateway.options);
  const order = readOrder(fields, { ...call, body: request });
  return { profileId: call.profile.profileId, title, order };
}

function linkOf({ body, params, gateway, profile }: Call): PayLink {
  const [profileId = String(profile.profileId), id = body.paylink_id] = params;
  const link = gateway.links.find(profile.profileId, Number(id));
  if (link === undefined || Number(profileId) !== profile.profileId) {
    return refuseRequest(2, 'PayLink not found');
  }
  return link;
}

const show = ({ id, title, order }: PayLink, { baseUrl, profile, gateway }: Call): object => ({
  paylink_id: id,
  link_url: `${baseUrl}/payment/link/${profile.profileId}/${id}`,
  link_title: title,
  cart_currency: order.template.total.currency,
  cart_amount: writeAmount(order.template.total, gateway.options.decimals),
  trace: gateway.references.trace(),
});

/** `POST /payment/link/create`. */
export const createLink = (call: Call): object =>
  show(call.gateway.links.open(readLink(call.body, call)), call);

/** `POST /payment/link/update`: what is not named stays. */
export function updateLink(call: Call): object {
  const { gateway, body } = call;
  const link = linkOf(call);
  const { total } = link.order.template;
  const known = {
    link_title: link.title,
    cart_currency: total.currency,
    cart_amount: formatMajor(total),
  };
  const updated = { ...readLink({ ...known, ...body }, call), id: link.id };
  gateway.links.update(updated);
  return show(updated, call);
}

/** `GET` or `POST /payment/link/view/{profile_id}/{paylink_id}`. */
export const viewLink = (call: Call): object => show(linkOf(call), call);
