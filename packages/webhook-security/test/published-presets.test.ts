import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../src/scheme/presets/all.js';
import { bodyOf, runWebhookCase, type WebhookCase } from './vectors/webhook-cases.js';

type Published = WebhookCase & { readonly published?: boolean };

const casesIn = (name: string) => {
  const url = new URL(`vector-files/${name}`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: readonly Published[] }).cases;
};
const published = [...casesIn('published-presets.json'), ...casesIn('webhooks.json')].filter(
  (one) => one.published === true && one.expect === 'accept',
);

/** Neither the documentation nor the libraries of these senders show a secret, bytes and their signature. */
const nothingPublished = [
  'calendly',
  'discord',
  'docusign',
  'dropbox',
  'heroku',
  'intercom',
  'lemon-squeezy',
  'linear',
  'meta',
  'paystack',
  'paytabs',
  'sentry',
  'twitch',
  'typeform',
  'vercel',
  'woocommerce',
  'xero',
  'zendesk',
  'zoom',
];

describe('a published example', () => {
  it('is there for each preset, but for those that have none and those that send a token', () => {
    const shown = new Set(published.map(({ scheme }) => scheme));
    const missing = Object.values(PRESETS)
      .map((preset) => preset())
      .filter(({ versions }) => versions.every(({ algorithm }) => algorithm !== 'token'))
      .map(({ name }) => name)
      .filter((name) => !shown.has(name));
    expect(missing.sort()).toEqual(nothingPublished);
  });

  it.each(published)('is refused with another key: $id', async (one) => {
    const isPublicKey = /^(-----BEGIN|whpk_|MF)/.test(one.secrets[0] ?? '');
    const secrets = one.secrets.map((secret) =>
      secret.replace(/[0-9A-Za-z](?=[^0-9A-Za-z]*$)/, next),
    );
    const { reason } = await runWebhookCase({ ...one, secrets });
    expect(reason).toMatch(isPublicKey ? /^(secret-invalid|signature)$/ : /^signature$/);
  });

  it.each(published)('is refused with one bit of its body changed: $id', async (one) => {
    const body = Buffer.from(bodyOf(one.body));
    const at = signedPlace(one, body);
    body[at] = (body[at] as number) ^ 1;
    const changed = { ...one, body: { base64: body.toString('base64') } };
    expect((await runWebhookCase(changed)).expect).toBe('refuse');
  });
});

const next = (digit: string) => (digit === 'A' ? 'B' : 'A');

/** Where only values of the body are signed: in one of them. */
function signedPlace({ scheme }: Published, body: Buffer): number {
  const part = { adyen: 'reference', sns: 'Hello', 'sns-sha1': 'Hello' }[scheme];
  return part === undefined ? Math.floor(body.length / 2) : body.indexOf(part);
}
