import type { WebhookScheme } from '../../src/index.js';
import { createWebhookVerifier, github, gitlab, standardWebhooks } from '../../src/index.js';
import { systemClock } from '../../src/ports/clock.js';
import { signWebhook } from '../../src/signing/index.js';
import type { Subject } from './take-samples.js';

export { randomFrom } from '../support/random-from.js';
export { LEAKING } from './leaking.js';
export { takeSamples } from './take-samples.js';
export { DROPPED_SHARE, welchT } from './welch.js';

export interface NamedSubject extends Subject {
  readonly name: string;
}

const SECRET = '0123456789abcdef0123456789abcdef';
const BODY = Buffer.from(JSON.stringify({ action: 'opened', text: 'x'.repeat(200) }));
const SENT_AT = Date.UTC(2026, 10, 27);

/** Two wrong ones, as they are compared. */
type Pair = readonly [Buffer, Buffer];

/** The lowest bit alone: in hexadecimal a digit stays a digit, and a letter a letter. */
const wrongAt = (right: Buffer, place: number): Buffer => {
  const wrong = Buffer.from(right);
  wrong[place] = (wrong[place] as number) ^ 1;
  return wrong;
};

const firstAndLast = (right: Buffer): Pair => [wrongAt(right, 0), wrongAt(right, right.length - 1)];

/** The second is longer than the secret. */
const twoLengths = (right: Buffer): Pair => {
  const wrong = wrongAt(right, right.length - 1);
  return [wrong, Buffer.concat([wrong, Buffer.from('x')])];
};

interface Asked {
  readonly name: string;
  readonly scheme: WebhookScheme;
  readonly key: string;
  /** Those of a genuine request, but for what is compared. */
  readonly headers: Readonly<Record<string, string>>;
  /** The header that holds what is compared, what stands before it there, and how it is written. */
  readonly header: string;
  readonly label: string;
  readonly encoding: 'hex' | 'base64' | 'latin1';
  /** What is compared, as it should be. */
  readonly right: Buffer;
  readonly pairOf: (right: Buffer) => Pair;
}

/** A verifier that is given one of two wrong ones; each a new text, so that none has a place of its own in memory. */
const verifying = (asked: Asked): NamedSubject => {
  const { name, scheme, key, headers, header, label, encoding, right, pairOf } = asked;
  const clock = { ...systemClock, wallTime: () => SENT_AT };
  const verifier = createWebhookVerifier({ scheme, keys: [key], payload: false, clock });
  const requestOf = (bytes: Buffer) => ({
    method: 'POST',
    headers: { ...headers, [header]: `${label}${bytes.toString(encoding)}` },
    body: BODY,
  });
  const pair = pairOf(right);
  const verdicts = [right, ...pair].map((bytes) => {
    const verdict = verifier.verifySync(requestOf(bytes));
    return verdict.verdict === 'refused' ? verdict.reason : verdict.verdict;
  });
  // What ends for another reason would be compared with nothing.
  const found = verdicts.join();
  if (found !== 'accepted,signature,signature') throw new Error(`${name}: ${found}`);
  let request = requestOf(right);
  return {
    name,
    prepare: (which) => {
      request = requestOf(pair[which]);
    },
    call: () => verifier.verifySync(request),
  };
};

const signed = (
  name: string,
  scheme: WebhookScheme,
  more: Pick<Asked, 'key' | 'header' | 'label' | 'encoding'>,
): NamedSubject => {
  const sent = signWebhook({ scheme, key: more.key, body: BODY, id: 'msg_1', time: SENT_AT });
  const text = sent.headers[more.header]?.slice(more.label.length) ?? '';
  const right = Buffer.from(text, more.encoding);
  return verifying({
    name,
    scheme,
    ...more,
    headers: { 'content-type': 'application/json', ...sent.headers },
    right,
    pairOf: firstAndLast,
  });
};

const token = (name: string, pairOf: Asked['pairOf']): NamedSubject =>
  verifying({
    name,
    scheme: gitlab(),
    key: SECRET,
    headers: { 'content-type': 'application/json' },
    header: 'x-gitlab-token',
    label: '',
    encoding: 'latin1',
    right: Buffer.from(SECRET),
    pairOf,
  });

/**
 * What must take the same time. A signature of another length than its algorithm gives is refused for
 * its form, before any secret is looked at; of a token the length is a secret too.
 */
export const SUBJECTS: readonly NamedSubject[] = [
  signed('signature in hexadecimal, wrong in its first and in its last byte', github(), {
    key: SECRET,
    header: 'x-hub-signature-256',
    label: 'sha256=',
    encoding: 'hex',
  }),
  signed('signature in base64, wrong in its first and in its last byte', standardWebhooks(), {
    key: `whsec_${Buffer.from(SECRET).toString('base64')}`,
    header: 'webhook-signature',
    label: 'v1,',
    encoding: 'base64',
  }),
  token('token, wrong in its first and in its last byte', firstAndLast),
  token('token, wrong and as long as the secret, or longer', twoLengths),
];
