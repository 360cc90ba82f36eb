import { pageReply, transactionReply } from '../bodies.js';
import type { LedgerEntry, TransactionKind } from '../books/ledger.js';
import type { KeptCard } from '../books/vault.js';
import { beginPayment, openPage, type Template } from '../payments/open-page.js';
import { type Means, takePayment } from '../payments/take-payment.js';
import type { Terms } from '../payments/terms.js';
import type { Call } from './call.js';
import { refuseRequest } from './gateway-error.js';
import { checkLimit, guard } from './guard.js';
import { openInvoice, readInvoice } from './invoice-fields.js';
import { readMeans } from './means.js';
import {
  type Body,
  onlyStrings,
  type PaymentFields,
  readCustomer,
  textOf,
} from './payment-fields.js';
import { readTerms } from './terms.js';

const kinds: Readonly<Record<string, TransactionKind>> = {
  sale: 'Sale',
  auth: 'Auth',
  register: 'Register',
};

export const isNewPayment = (type: string): boolean => Object.hasOwn(kinds, type);

/** `sale`, `auth` or `register`: a page, or a charge of what the request brought. */
export function newPayment(fields: PaymentFields, call: Call): object {
  const { body, gateway, profile } = call;
  checkLimit(fields, call);
  const order = readOrder(fields, call);
  const means = readMeans(fields, call);
  const invoice = readInvoice(body.invoice, gateway.clock.wallTime());
  if (gateway.options.duplicateGuard !== 'off') guard(fields, call);
  const { terms } = order;
  const template =
    invoice === undefined
      ? order.template
      : openInvoice({ profile, order, invoice }, gateway).order.template;
  if (means.kind === 'page') return answerPage(beginPayment(template, gateway), order, call);
  if (means.kind === 'saved') return chargeSaved(means.saved, { ...order, template }, call);
  const entry = beginPayment({ ...template, ...byApi(body) }, gateway);
  return charge(entry, { means: means.means, terms, ttlMs: order.ttlMs }, call);
}

/** Everything a payment needs, before it has a reference. @throws GatewayRefusal */
export function readOrder(
  fields: PaymentFields,
  { body, profile, gateway }: Pick<Call, 'body' | 'profile' | 'gateway'>,
): { template: Template; terms: Terms; ttlMs: number } {
  const ttlMinutes = body.paypage_ttl ?? 20;
  if (typeof ttlMinutes !== 'number' || !Number.isInteger(ttlMinutes) || ttlMinutes < 1) {
    return refuseRequest(2, 'Invalid request: paypage_ttl');
  }
  const userDefined = onlyStrings(body.user_defined);
  const shipping = onlyStrings(body.shipping_details);
  const template: Template = {
    profileId: profile.profileId,
    type: kinds[fields.type] ?? 'Sale',
    transactionClass: fields.transactionClass,
    cartId: fields.cartId,
    description: fields.description,
    cartAmount: fields.amount,
    total: fields.amount,
    channel: pluginOf(body) ?? 'Payment Page',
    serviceId: 2,
    customer: readCustomer(body),
    ...(fields.callbackUrl === undefined ? {} : { callbackUrl: fields.callbackUrl }),
    ...(fields.returnUrl === undefined ? {} : { returnUrl: fields.returnUrl }),
    ...(Object.keys(shipping).length > 0 ? { shipping } : {}),
    ...(Object.keys(userDefined).length > 0 ? { userDefined } : {}),
    ...(typeof body.customer_ref === 'string' ? { customerRef: body.customer_ref } : {}),
  };
  return {
    template,
    terms: readTerms(body, fields.amount, gateway.options.rates),
    ttlMs: ttlMinutes * 60_000,
  };
}

/** The plugin that calls shows up as the channel. */
const pluginOf = (body: Body): string | undefined =>
  textOf((body.plugin_info as Body | null | undefined)?.cart_name) || undefined;

const byApi = (body: Body) =>
  ({ channel: pluginOf(body) ?? 'Transaction API', serviceId: 1 }) as const;

function chargeSaved(
  saved: KeptCard,
  { template, terms, ttlMs }: { template: Template; terms: Terms; ttlMs: number },
  call: Call,
): object {
  const { gateway, profile, body } = call;
  const { token, card, tranRef: previousTranRef } = saved;
  if (template.type === 'Register') refuseRequest(2, 'Invalid request: tran_type');
  if (template.transactionClass === 'ECom') {
    const entry = beginPayment({ ...template, previousTranRef, token }, gateway);
    const savedCard = { ...card, token };
    return answerPage(entry, { terms: { ...terms, savedCard }, ttlMs }, call);
  }
  const entry = beginPayment({ ...template, ...byApi(body), previousTranRef, token }, gateway);
  if (template.transactionClass === 'Recurring' && profile.recurring === false) {
    const end = { responseCode: '300', responseMessage: 'Not authorised' };
    return transactionReply(gateway.conclude(entry, { status: 'D', ...end }), traced(call));
  }
  return charge(entry, { means: { card, unattended: true }, terms, ttlMs }, call);
}

function charge(
  entry: LedgerEntry,
  { means, terms, ttlMs }: { means: Means; terms: Terms; ttlMs: number },
  call: Call,
): object {
  const { gateway } = call;
  const taken = takePayment(entry, { means, terms, gateway });
  if (taken !== 'challenge') return transactionReply(taken, traced(call));
  const page = openPage(entry, { terms, ttlMs }, gateway);
  page.challenged = means;
  return redirect(entry, page.id, call);
}

function answerPage(
  entry: LedgerEntry,
  order: { terms: Terms; ttlMs: number },
  call: Call,
): object {
  return redirect(entry, openPage(entry, order, call.gateway).id, call);
}

const redirect = (entry: LedgerEntry, pageId: string, call: Call): object =>
  pageReply(entry, { ...traced(call), redirectUrl: `${call.baseUrl}/payment/wr/${pageId}` });

const traced = ({ gateway, profile }: Call) => ({
  profile,
  decimals: gateway.options.decimals,
  trace: gateway.references.trace(),
});
