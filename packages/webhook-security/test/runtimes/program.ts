import type { Checked, ProgramExports } from '@nestcms/runtimes';
import { webhookHandler } from '../../src/adapters/fetch/index.js';
import {
  createMemoryReplayStore,
  createWebhookVerifier,
  github,
  type WebhookVerifier,
} from '../../src/index.js';
import { isSynchronous } from '../../src/platform/index.js';
import { signWebhookAsync } from '../../src/signing/index.js';
import ed25519 from '../vector-files/ed25519-wycheproof.json' with { type: 'json' };
import hmac from '../vector-files/hmac-wycheproof.json' with { type: 'json' };
import addresses from '../vector-files/ip.json' with { type: 'json' };
import payTabs from '../vector-files/paytabs-vectors.json' with { type: 'json' };
import webhooks from '../vector-files/webhooks.json' with { type: 'json' };
import { utf8Bytes } from '../vectors/bytes.js';
import { casesOf } from '../vectors/cases-of.js';
import { schemeCases } from './scheme-cases.js';

const files = { ed25519, hmac, addresses, payTabs, webhooks };

const secret = 'the secret of this webhook';

/** Made outside of every request, as in a Worker. */
const verifier: WebhookVerifier = createWebhookVerifier({
  scheme: github(),
  keys: [secret],
  replay: { store: createMemoryReplayStore() },
});

/** A request through the handler of fetch servers. Gives the status and what it says. */
const deliver = async (text: string, signed = text): Promise<string> => {
  const handler = webhookHandler({ verifier, handler: ({ verdict }) => verdict.payload });
  const { headers } = await signWebhookAsync({ scheme: github(), key: secret, body: signed });
  const request = new Request('https://example.com/hook', {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: utf8Bytes(text) as never,
  });
  const answered = await handler(request);
  return `${answered.status} ${await answered.text()}`;
};

const expectSame = (found: string, expected: string): string | undefined =>
  found === expected ? undefined : `${found} instead of ${expected}`;

const servers: Readonly<Record<string, () => Promise<string | undefined>>> = {
  'the handler of fetch servers takes a delivery once': async () => {
    const text = '{"a":"once, é"}';
    const answers = [await deliver(text), await deliver(text)];
    return expectSame(answers.join(), `200 ${text},200 {"reason":"replay"}`);
  },
  'the handler of fetch servers refuses a changed body': async () =>
    expectSame(await deliver('{"a":2}', '{"a":3}'), '401 {"reason":"signature"}'),
  'verifySync answers where hashes come at once, and says so where not': async () => {
    const ask = () =>
      createWebhookVerifier({ scheme: github(), keys: [secret] }).verifySync({
        method: 'POST',
        headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` },
        body: utf8Bytes('{}'),
      });
    const told = await (async () => ask())().then(
      ({ verdict }) => verdict,
      (error: { readonly code?: string }) => error.code ?? 'none',
    );
    return expectSame(told, isSynchronous ? 'refused' : 'NOT_SYNC');
  },
};

/** One of several requests at a time to the same verifier. */
export const answer: ProgramExports['answer'] = async (query) => {
  const number = Number(query.get('number'));
  const text = JSON.stringify({ number });
  return deliver(text, number % 2 === 0 ? text : '{}');
};

/** Runs every published case, and a delivery of every preset. */
export const runChecks: ProgramExports['runChecks'] = async () => {
  const cases = [
    ...Object.entries(files).flatMap(([name, file]) =>
      casesOf(file).map(({ id, run }) => ({ name: `${name} ${id}`, run })),
    ),
    ...schemeCases(),
    ...Object.entries(servers).map(([name, run]) => ({ name, run })),
  ];
  const checked: Checked[] = [];
  for (const { name, run } of cases) {
    const error = await run().catch((thrown: unknown) => `an error: ${String(thrown)}`);
    checked.push(error === undefined ? { name } : { name, error });
  }
  return checked;
};
