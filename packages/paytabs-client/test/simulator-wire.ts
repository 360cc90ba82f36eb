import { onTestFinished } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../src/testing/index.js';

export type Json = Readonly<Record<string, unknown>>;

/** A simulator that is gone after the test. */
export async function startGateway(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ allowLocalCallback: true, ...options });
  onTestFinished(() => simulator.stop());
  return simulator;
}

let count = 0;

/** A request with a reference of its own. */
export const sale = (more: Json = {}): Json => {
  count += 1;
  return {
    profile_id: 98765,
    tran_type: 'sale',
    tran_class: 'ecom',
    cart_id: `wire-${count}`,
    cart_currency: 'AED',
    cart_amount: 100,
    cart_description: 'Two tickets',
    ...more,
  };
};

export const customer = { name: 'Omar Saleh', email: 'omar@example.com', country: 'SA' };

export const cardDetails = {
  pan: '4111111111111111',
  cvv: '123',
  expiry_month: 12,
  expiry_year: 2030,
};

/** An own-form request. */
export const direct = (more: Json = {}): Json =>
  sale({ card_details: cardDetails, customer_details: customer, ...more });

export interface Answer {
  readonly status: number;
  readonly reply: Json;
}

/** One API call, as bytes on the wire. */
export async function call(
  simulator: Pick<Simulator, 'baseUrl' | 'serverKey'>,
  path: string,
  { send, method = 'POST', key }: { send?: unknown; method?: string; key?: string } = {},
): Promise<Answer> {
  const answer = await fetch(`${simulator.baseUrl}/payment/${path}`, {
    method,
    headers: {
      authorization: key ?? simulator.serverKey,
      ...(send === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(send === undefined ? {} : { body: JSON.stringify(send) }),
  });
  return { status: answer.status, reply: (await answer.json()) as Json };
}

/** `POST /payment/request` that is answered with 200. */
export async function ask(simulator: Simulator, send: unknown): Promise<Json> {
  const { status, reply } = await call(simulator, 'request', { send });
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(reply)}`);
  return reply;
}

export const refOf = (reply: Json): string => String(reply.tran_ref);

/** Acts on an earlier transaction. */
export const followUp = (
  simulator: Simulator,
  { tran_type, tran_ref, amount, ...more }: Json & { readonly amount: number },
): Promise<Json> => ask(simulator, sale({ tran_type, tran_ref, cart_amount: amount, ...more }));

export const query = async (simulator: Simulator, tranRef: string): Promise<Json> => {
  const send = { profile_id: 98765, tran_ref: tranRef };
  return (await call(simulator, 'query', { send })).reply;
};

/** `A`, or `E/118`. */
export const endOf = ({ payment_result: result }: Json): string => {
  const { response_status: status, response_code: code } = result as Json;
  return status === 'A' || status === 'H' ? String(status) : `${String(status)}/${String(code)}`;
};

/** What the bank did, shortly: `capture 40.00`. */
export const moves = (simulator: Simulator): string[] =>
  simulator
    .issuerLog()
    .filter(({ approved }) => approved)
    .map(({ action, amount }) => `${action} ${amount.minor}`);
