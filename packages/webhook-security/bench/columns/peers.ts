import { WebhookVerificationService as tern } from '@hookflo/tern';
import { verify as octokitVerify } from '@octokit/webhooks-methods';
import { verifySlackRequest } from '@slack/bolt';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { Webhook as SvixWebhook } from 'svix';
import type { Checker } from '../support/checked.ts';
import type { Delivery, SchemeName } from '../support/deliveries.ts';

/** For those that throw what they refuse. */
const returns = (): boolean => true;
const isTrue = (outcome: unknown): boolean => outcome === true;

const { webhooks } = new Stripe('sk_test_of_the_bench');
const { signature: stripeSignature } = webhooks;
if (stripeSignature === null) throw new Error('This stripe verifies no signatures.');
const TOLERANCE_S = 300;

const standard = ({ secret, body, headers }: Delivery, jsonParse: boolean) => {
  const webhook = new StandardWebhook(secret);
  return { call: () => webhook.verify(body, headers, { jsonParse }) };
};

const svix = ({ secret, body, headers }: Delivery) => {
  const webhook = new SvixWebhook(secret);
  return { call: () => webhook.verify(body, headers) };
};

const stripeHeader = ({ headers }: Delivery): string => headers['stripe-signature'] ?? '';

const bolt = ({ secret, text, headers }: Delivery) => {
  const options = {
    signingSecret: secret,
    body: text,
    headers: {
      'x-slack-signature': headers['x-slack-signature'] ?? '',
      'x-slack-request-timestamp': Number(headers['x-slack-request-timestamp']),
    },
  };
  return { call: () => verifySlackRequest(options) };
};

type TernPlatform = 'github' | 'stripe' | 'dodopayments';

const isValid = (outcome: unknown): boolean => (outcome as { isValid: boolean }).isValid;

const toRequest = ({ headers, body }: Delivery): Request =>
  new Request('https://shop.example.com/hook', { method: 'POST', headers, body });

const ternVerify = (request: Request, platform: TernPlatform, { secret }: Delivery) =>
  tern.verifyWithPlatformConfig(request, platform, secret);

/**
 * It takes a `Request`, whose body can be read once. In a Node server one is made for each delivery, as its
 * own adapters do; the other column is of a server that has them anyhow.
 */
const ternCheckers = (name: string, scheme: SchemeName, platform: TernPlatform): Checker[] => [
  {
    name,
    scheme,
    make: (delivery) => ({ call: () => ternVerify(toRequest(delivery), platform, delivery) }),
    accepts: isValid,
  },
  {
    name: `${name}, Request at hand`,
    scheme,
    make: (delivery) => {
      const requests: Request[] = [];
      return {
        mostCalls: 500,
        prepare: (calls) => {
          requests.length = 0;
          for (let made = 0; made < calls; made += 1) requests.push(toRequest(delivery));
        },
        call: () => ternVerify(requests.pop() as Request, platform, delivery),
      };
    },
    accepts: isValid,
  },
];

/** Names of columns that bars are about. */
export const PEER = {
  standardNoParse: 'standardwebhooks, without JSON.parse',
  stripe: 'stripe verifyHeader',
  octokit: 'octokit webhooks-methods',
  bolt: 'bolt verifySlackRequest',
  ternGithub: 'tern: GitHub',
  ternStandard: 'tern: Standard',
  ternStripe: 'tern: Stripe',
} as const;

/** What others have for the same deliveries, called as their documents say. */
export const PEERS: readonly Checker[] = [
  {
    name: PEER.octokit,
    scheme: 'github',
    make: ({ secret, text, headers }) => {
      const signature = headers['x-hub-signature-256'] ?? '';
      return { call: () => octokitVerify(secret, text, signature) };
    },
    accepts: isTrue,
  },
  ...ternCheckers(PEER.ternGithub, 'github', 'github'),
  {
    name: PEER.standardNoParse,
    scheme: 'standard',
    make: (delivery) => standard(delivery, false),
    accepts: returns,
  },
  {
    name: 'standardwebhooks',
    scheme: 'standard',
    make: (delivery) => standard(delivery, true),
    accepts: returns,
  },
  { name: 'svix', scheme: 'standard', make: svix, accepts: returns },
  // The platform of tern whose signatures are those of Standard Webhooks.
  ...ternCheckers(PEER.ternStandard, 'standard', 'dodopayments'),
  {
    name: PEER.stripe,
    scheme: 'stripe',
    make: (delivery) => {
      const { body, secret } = delivery;
      const header = stripeHeader(delivery);
      return { call: () => stripeSignature.verifyHeader(body, header, secret, TOLERANCE_S) };
    },
    accepts: isTrue,
  },
  {
    name: 'stripe constructEvent',
    scheme: 'stripe',
    make: (delivery) => {
      const { body, secret } = delivery;
      const header = stripeHeader(delivery);
      return { call: () => webhooks.constructEvent(body, header, secret) };
    },
    accepts: returns,
  },
  ...ternCheckers(PEER.ternStripe, 'stripe', 'stripe'),
  { name: PEER.bolt, scheme: 'slack', make: bolt, accepts: returns },
];
