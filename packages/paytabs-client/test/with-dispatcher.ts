import { type ChargeOutcome, MemoryIntentStore, PayTabsClient } from '../src/index.js';
import type { PayTabsClientOptions } from '../src/options.js';
import { type FakeBehaviour, fakeDispatcher } from './fake-dispatcher.js';
import { recordEvents } from './with-simulator.js';

export const profileId = 98765;
export const serverKey = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';

/** A client without sockets that gets these answers, one after the other and then the last for ever. */
export function talk(
  answers: object | (() => FakeBehaviour),
  options: Partial<Omit<PayTabsClientOptions, 'region' | 'baseUrl'>> = {},
) {
  const isList = Array.isArray(answers) && answers.every(isBehaviour);
  const all: FakeBehaviour[] = isList ? [...answers] : [reply(answers)];
  let next = 0;
  const dispatcher = fakeDispatcher(() => {
    if (typeof answers === 'function') return answers();
    const answer = all[Math.min(next, all.length - 1)] as FakeBehaviour;
    next += 1;
    return answer;
  });
  const intents = new MemoryIntentStore();
  const client = new PayTabsClient({
    profileId,
    serverKey,
    region: 'ARE',
    intents,
    dispatcher,
    retryDelayMs: 0,
    ...options,
  });
  const sent = () =>
    dispatcher.requests.map(({ method, path, body }) => ({
      method,
      path,
      body: body ?? undefined,
    }));
  return { client, intents, events: recordEvents(client), requests: dispatcher.requests, sent };
}

const isBehaviour = (value: unknown): value is FakeBehaviour =>
  typeof value === 'object' && value !== null && ('error' in value || 'status' in value);

/** An answer in JSON; a string is sent as it is. */
export const reply = (body: unknown, status = 200): FakeBehaviour => ({
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** The one body that was sent. */
export const bodyOf = ({ requests }: { requests: readonly { body?: unknown }[] }): string =>
  requests[0]?.body as string;

/** As the gateway answers a request for a page. */
export const pageReply = (more: Record<string, unknown> = {}) => ({
  tran_ref: 'TST2625600001234',
  tran_type: 'Sale',
  cart_id: 'order-1001',
  cart_description: 'Two tickets',
  cart_currency: 'AED',
  cart_amount: '149.50',
  tran_total: '0',
  redirect_url: 'https://secure.paytabs.com/payment/wr/5D9854E482E51467',
  serviceId: 2,
  paymentChannel: 'Payment Page',
  profileId,
  merchantId: 1234,
  trace: 'PMNT0101.6A000001.00000A01',
  ...more,
});

/** As the gateway answers what is carried out at once. */
export const doneReply = (more: Record<string, unknown> = {}) => ({
  tran_ref: 'TST2625600001250',
  tran_type: 'Sale',
  cart_id: 'order-1001',
  cart_description: 'Two tickets',
  cart_currency: 'AED',
  cart_amount: '149.50',
  tran_currency: 'AED',
  tran_total: '149.50',
  payment_result: {
    response_status: 'A',
    response_code: 'G50991',
    response_message: 'Authorised',
  },
  payment_info: { payment_method: 'Visa', payment_description: '4111 11## #### 1111' },
  serviceId: 1,
  paymentChannel: 'Transaction API',
  profileId,
  merchantId: 1234,
  trace: 'PMNT0201.6A000133.00000B07',
  ...more,
});

/** Fails the test unless it ended so. */
export function of<Kind extends ChargeOutcome['kind']>(
  kind: Kind,
  outcome: ChargeOutcome,
): Extract<ChargeOutcome, { kind: Kind }> {
  if (outcome.kind !== kind) throw new Error(`expected ${kind}, got ${outcome.kind}`);
  return outcome as Extract<ChargeOutcome, { kind: Kind }>;
}
