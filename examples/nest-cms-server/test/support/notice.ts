import type { Simulator } from '@nestcms/paytabs-client/testing';
import { signPayTabsCallback } from '@nestcms/webhook-security/testing';
import type { PaymentView } from '../../src/payments/payment.schema.js';
import type { Answer } from './api.js';
import type { ServerHandle } from './start-server.js';

export const WEBHOOK = '/api/v2/payments/webhook';

/** `2026-11-20T10:15:00Z`, as the gateway writes times. */
export const gatewayTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The body of a notice about a payment of 250.00 AED that was paid just now. Change what the test is about. */
export const noticeBody = (
  payment: Pick<PaymentView, 'id'>,
  over: Readonly<Record<string, unknown>> & {
    readonly payment_result?: Readonly<Record<string, unknown>>;
  } = {},
): Record<string, unknown> => ({
  tran_ref: 'TST2632400000777',
  merchant_id: 1234,
  profile_id: 98_765,
  cart_id: `${payment.id}.1`,
  cart_description: 'First part',
  cart_currency: 'AED',
  cart_amount: '250.00',
  tran_currency: 'AED',
  tran_total: '250.00',
  tran_type: 'Sale',
  tran_class: 'ECom',
  customer_details: { name: 'Sara Haddad', email: 'sara@example.com', country: 'AE' },
  payment_info: { payment_method: 'Visa', card_type: 'Credit', card_scheme: 'Visa' },
  ipn_trace: 'IPNS0001.6A000002.00000001',
  ...over,
  payment_result: {
    response_status: 'A',
    response_code: 'G48213',
    response_message: 'Authorised',
    transaction_time: gatewayTime(Date.now()),
    ...over.payment_result,
  },
});

/** Posts a notice with the true signature of its bytes. */
export function postNotice(
  { api }: Pick<ServerHandle, 'api'>,
  { serverKey }: Pick<Simulator, 'serverKey'>,
  body: unknown,
): Promise<Answer<{ received: true; duplicate?: true; stale?: true }>> {
  const text = JSON.stringify(body);
  const signature = signPayTabsCallback(Buffer.from(text), serverKey);
  return api.post(WEBHOOK, text, {
    headers: { 'content-type': 'application/json', signature },
  });
}

/**
 * How often the gateway was asked about a transaction or a cart. Name it: of its own accord the server
 * asks about others too, sooner or later.
 */
export const questionsAbout = (simulator: Simulator, reference: string): number =>
  simulator
    .requests()
    .filter(({ path, body }) => path === '/payment/query' && body.includes(reference)).length;
