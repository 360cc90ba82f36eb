import { createRequire } from 'node:module';
import Stripe from 'stripe';
import { Pool } from 'undici';
import type { Ours } from '../support/build.ts';

/** One request, awaited: reads its answer and looks at what matters. Throws when it is not right. */
export type Call = () => Promise<unknown>;

const profileId = 98765;
const serverKey = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';

let count = 0;
const nextCart = (): string => {
  count += 1;
  return `refund-${process.pid}-${count}`;
};

const refundBody = (cartId: string): string =>
  JSON.stringify({
    profile_id: profileId,
    tran_type: 'refund',
    tran_class: 'ecom',
    tran_ref: 'TST2625600001234',
    cart_id: cartId,
    cart_currency: 'AED',
    cart_amount: 49.5,
    cart_description: 'One ticket returned',
  });

const must = (isRight: boolean): void => {
  if (!isRight) throw new Error('The answer is not the one that was asked for.');
};

interface Reply {
  readonly cart_id: string;
  readonly payment_result: { readonly response_status: string };
}

/** The floor: undici's own request, JSON there and back, and one look at the status. */
export function rawUndici(origin: string): { refund: Call; query: Call } {
  const pool = new Pool(origin, { connections: 64, pipelining: 1 });
  const headers = { authorization: serverKey, 'content-type': 'application/json' };
  const post = async (path: string, body: string): Promise<Reply> => {
    const { body: answer } = await pool.request({ method: 'POST', path, headers, body });
    return (await answer.json()) as Reply;
  };
  return {
    refund: async () => {
      const cartId = nextCart();
      const reply = await post('/payment/request', refundBody(cartId));
      must(reply.cart_id === cartId && reply.payment_result.response_status === 'A');
    },
    query: async () => {
      const body = JSON.stringify({ profile_id: profileId, tran_ref: 'TST2625600001240' });
      const reply = await post('/payment/query', body);
      must(reply.payment_result.response_status === 'A');
    },
  };
}

/** Ours, with everything on: an intent stored in memory before and after, breaker, bulkhead, deadline. */
export function ours(
  { PayTabsClient, money }: Ours,
  origin: string,
): { refund: Call; query: Call } {
  const client = new PayTabsClient({ profileId, serverKey, baseUrl: origin, maxConnections: 128 });
  return {
    refund: async () => {
      const outcome = await client.refund({
        tranRef: 'TST2625600001234',
        cartId: nextCart(),
        amount: money(4950n, 'AED'),
        description: 'One ticket returned',
      });
      must(outcome.kind === 'completed' && outcome.transaction.status === 'A');
    },
    query: async () => {
      const transaction = await client.query({ tranRef: 'TST2625600001240' });
      must(transaction.status === 'A');
    },
  };
}

/** stripe's client, without telemetry, on its own HTTP agent. */
export function stripeNode(origin: string): { refund: Call } {
  const { hostname, port } = new URL(origin);
  const stripe = new Stripe('sk_test_123', {
    host: hostname,
    port: Number(port),
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  });
  return {
    refund: async () => {
      const refund = await stripe.refunds.create({ payment_intent: 'pi_1', amount: 4950 });
      must(refund.status === 'succeeded');
    },
  };
}

interface PayTabsPt2 {
  setConfig(profileId: string, serverKey: string, region: string): void;
  queryTransaction(
    tran: readonly string[],
    cart: readonly (string | number)[],
    callback: (result: Reply) => void,
  ): void;
  validatePayment(tranRef: string, callback: (result: Reply) => void): void;
}

interface Axios {
  readonly interceptors: {
    readonly request: { use(change: (config: { url?: string }) => { url?: string }): void };
  };
}

/** The vendor's npm package. It knows no other host, so its HTTP library is told. */
export function payTabsPt2(origin: string): { refund: Call; query: Call } {
  const require = createRequire(import.meta.url);
  const packagePath = require.resolve('paytabs_pt2');
  const axios = createRequire(packagePath)('axios') as Axios;
  axios.interceptors.request.use((config) => ({
    ...config,
    url: String(config.url).replace(/^https:\/\/[^/]+/, origin),
  }));
  const client = require('paytabs_pt2') as PayTabsPt2;
  client.setConfig(String(profileId), serverKey, 'ARE');
  return {
    refund: () =>
      new Promise((resolve, reject) => {
        const cart = [nextCart(), 'AED', 49.5, 'One ticket returned'];
        client.queryTransaction(['TST2625600001234', 'refund', 'ecom'], cart, (reply) => {
          if (reply.payment_result?.response_status === 'A') resolve(reply);
          else reject(new Error('The answer is not the one that was asked for.'));
        });
      }),
    query: () =>
      new Promise((resolve, reject) => {
        client.validatePayment('TST2625600001240', (reply) => {
          if (reply.payment_result?.response_status === 'A') resolve(reply);
          else reject(new Error('The answer is not the one that was asked for.'));
        });
      }),
  };
}
