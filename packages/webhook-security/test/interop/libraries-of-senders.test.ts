import { generateKeyPairSync } from 'node:crypto';
import Mux from '@mux/mux-node';
import * as octokit from '@octokit/webhooks-methods';
import { Paddle } from '@paddle/paddle-node-sdk';
import { EventWebhook } from '@sendgrid/eventwebhook';
import { verifySlackRequest } from '@slack/bolt/dist/receivers/verify-request.js';
import { WorkOS } from '@workos-inc/node';
import { verifyKey } from 'discord-interactions';
import fc from 'fast-check';
import Razorpay from 'razorpay';
import * as standard from 'standardwebhooks';
import Stripe from 'stripe';
import * as svixLibrary from 'svix';
import twilioLibrary from 'twilio';
import {
  discord,
  github,
  mux,
  paddle,
  razorpay,
  sendGrid,
  slack,
  standardWebhooks,
  stripe,
  svix,
  twilio,
  twilioJson,
  workOS,
} from '../../src/index.js';
import { describeInterop, type Headers } from './interop-suite.js';

const secret = 'a secret of some length, é';
const base64 = `whsec_${Buffer.from(secret).toString('base64')}`;
const header = (headers: Headers, name: string) => headers[name] ?? '';
const seconds = (time: number) => Math.floor(time / 1_000);

const standardLibrary = new standard.Webhook(base64);
describeInterop('standardwebhooks', {
  scheme: standardWebhooks(),
  key: base64,
  sign: ({ id, time, body }) => ({
    'webhook-id': id,
    'webhook-timestamp': String(seconds(time)),
    'webhook-signature': standardLibrary.sign(id, new Date(time), body),
  }),
  accepts: ({ headers, body }) => standardLibrary.verify(body, headers),
});

const svixWebhook = new svixLibrary.Webhook(base64);
describeInterop('svix', {
  scheme: svix(),
  key: base64,
  sign: ({ id, time, body }) => ({
    'svix-id': id,
    'svix-timestamp': String(seconds(time)),
    'svix-signature': svixWebhook.sign(id, new Date(time), body),
  }),
  accepts: ({ headers, body }) => svixWebhook.verify(body, headers),
});

const { webhooks: stripeWebhooks } = new Stripe('sk_test_1');
describeInterop('stripe', {
  scheme: stripe(),
  key: secret,
  sign: ({ time, body }) => ({
    'stripe-signature': stripeWebhooks.generateTestHeaderString({
      payload: body,
      secret,
      timestamp: seconds(time),
    }),
  }),
  accepts: ({ headers, body }) =>
    stripeWebhooks.constructEvent(body, header(headers, 'stripe-signature'), secret),
});

describeInterop('@octokit/webhooks-methods', {
  scheme: github(),
  key: secret,
  sign: async ({ body }) => ({ 'x-hub-signature-256': await octokit.sign(secret, body) }),
  accepts: ({ headers, body }) =>
    octokit.verify(secret, body, header(headers, 'x-hub-signature-256')),
});

describeInterop('@slack/bolt', {
  scheme: slack(),
  key: secret,
  accepts: ({ headers, body }) =>
    verifySlackRequest({
      signingSecret: secret,
      body,
      headers: {
        'x-slack-signature': header(headers, 'x-slack-signature'),
        'x-slack-request-timestamp': Number(header(headers, 'x-slack-request-timestamp')),
      },
    }),
});

const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/);
const forms = fc
  .dictionary(names, fc.string({ unit: 'grapheme' }), { minKeys: 1, maxKeys: 6 })
  .map((fields) => new URLSearchParams(fields).toString());
const fieldsOf = (body: string) => Object.fromEntries(new URLSearchParams(body));
const address = 'https://example.com/hook?a=1&b=%C3%A9';

const algorithms = { sha1: 'HMAC_SHA1', sha256: 'HMAC_SHA256' } as const;
for (const algorithm of ['sha1', 'sha256'] as const) {
  const named = algorithms[algorithm];
  describeInterop(`twilio, ${algorithm}`, {
    scheme: twilio({ algorithm }),
    key: secret,
    bodies: forms,
    url: () => address,
    sign: ({ body }) => ({
      'x-twilio-signature': twilioLibrary.getExpectedTwilioSignature(
        secret,
        address,
        fieldsOf(body),
        named,
      ),
    }),
    accepts: ({ headers, body }) =>
      twilioLibrary.validateRequest(
        secret,
        header(headers, 'x-twilio-signature'),
        address,
        fieldsOf(body),
        named,
      ),
  });
}

/** The address as signed last: their code takes it from the request. */
let signedAddress = '';
const addressOf = (body: string) => {
  signedAddress = `${address}&bodySHA256=${twilioLibrary.getExpectedBodyHash(body)}`;
  return signedAddress;
};
describeInterop('twilio, of JSON', {
  scheme: twilioJson(),
  key: secret,
  url: addressOf,
  sign: ({ body }) => ({
    'x-twilio-signature': twilioLibrary.getExpectedTwilioSignature(secret, addressOf(body), {}),
  }),
  accepts: ({ headers, body }) =>
    twilioLibrary.validateRequestWithBody(
      secret,
      header(headers, 'x-twilio-signature'),
      signedAddress,
      body,
    ),
});

describeInterop('razorpay', {
  scheme: razorpay(),
  key: secret,
  accepts: ({ headers, body }) =>
    Razorpay.validateWebhookSignature(body, header(headers, 'x-razorpay-signature'), secret),
});

const { webhooks: paddleWebhooks } = new Paddle('key');
describeInterop('@paddle/paddle-node-sdk', {
  scheme: paddle(),
  key: secret,
  accepts: ({ headers, body }) =>
    paddleWebhooks.isSignatureValid(body, secret, header(headers, 'paddle-signature')),
});

const { webhooks: muxWebhooks } = new Mux({ tokenId: 'id', tokenSecret: 'secret' });
describeInterop('@mux/mux-node', {
  scheme: mux(),
  key: secret,
  accepts: ({ headers, body }) => muxWebhooks.verifySignature(body, headers, secret),
});

const workos = new WorkOS('sk_test_1');
describeInterop('@workos-inc/node', {
  scheme: workOS(),
  key: secret,
  sign: async ({ time, body }) => {
    const payload = JSON.parse(body) as Record<string, unknown>;
    const hash = await workos.webhooks.computeSignature(time, payload, secret);
    return { 'workos-signature': `t=${time}, v1=${hash}` };
  },
  accepts: async ({ headers, body }) =>
    workos.webhooks.verifyHeader({
      payload: JSON.parse(body) as Record<string, unknown>,
      sigHeader: header(headers, 'workos-signature'),
      secret,
    }),
});

const ed25519 = generateKeyPairSync('ed25519');
const rawPublicKey = Buffer.from(
  (ed25519.publicKey.export({ format: 'jwk' }) as { x: string }).x,
  'base64url',
);
describeInterop('discord-interactions', {
  scheme: discord(),
  key: ed25519.privateKey,
  publicKey: rawPublicKey.toString('hex'),
  accepts: ({ headers, body }) =>
    verifyKey(
      body,
      header(headers, 'x-signature-ed25519'),
      header(headers, 'x-signature-timestamp'),
      rawPublicKey.toString('hex'),
    ),
});

const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const spki = p256.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const eventWebhook = new EventWebhook();
describeInterop('@sendgrid/eventwebhook', {
  scheme: sendGrid(),
  key: p256.privateKey,
  publicKey: spki,
  accepts: ({ headers, body }) =>
    eventWebhook.verifySignature(
      eventWebhook.convertPublicKeyToECDSA(spki),
      body,
      header(headers, 'x-twilio-email-event-webhook-signature'),
      header(headers, 'x-twilio-email-event-webhook-timestamp'),
    ),
});
