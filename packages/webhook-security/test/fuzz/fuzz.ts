import { hash } from 'node:crypto';
import { createWebhookVerifier, refusalStatus, type WebhookVerifier } from '../../src/index.js';
import { PRESETS } from '../../src/scheme/presets/all.js';
import type { WebhookScheme } from '../../src/scheme/scheme.js';
import { signsUrl } from '../../src/scheme/signs-url.js';
import { signWebhook } from '../../src/signing/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type Next, randomFrom } from '../support/random-from.js';

const NOW = 1_700_000_000_000;
const SECRET = '0123456789abcdef0123456789abcdef';
const URL_GIVEN = 'https://example.com/hook';

export { randomFrom };

export interface Target {
  readonly verifier: WebhookVerifier;
  readonly right: FuzzRequest;
}

export interface FuzzRequest {
  method: unknown;
  headers: unknown;
  body: unknown;
  peerAddress: unknown;
  url: unknown;
}

const BODIES = {
  form: 'b=2&a=1+1&c=%C3%A9',
  json: '{"a":"é","update_id":7,"notificationItems":[{"NotificationRequestItem":{"pspReference":"p"}}]}',
} as const;

/** One verifier of each scheme whose secret is a text, and a request it accepts. */
export const targets: readonly Target[] = Object.values(PRESETS)
  .map((make) => make())
  .filter(({ versions }) => /^(hmac|token)/.test(versions[0]?.algorithm ?? ''))
  .map(targetOf);

function targetOf(scheme: WebhookScheme): Target {
  const isBase64 = scheme.versions[0]?.key.encoding === 'base64';
  const key = isBase64 ? Buffer.from(SECRET).toString('base64') : SECRET;
  // Of the body below; the address is all that this sender signs.
  const query = scheme.bodyDigest === undefined ? '' : `?bodySHA256=${hash('sha256', BODIES.json)}`;
  const verifier = createWebhookVerifier({
    scheme,
    keys: [key],
    clock: new ManualClock({ wallTime: NOW }),
    trustedProxies: ['10.0.0.0/8'],
    ...(signsUrl(scheme) && { url: URL_GIVEN }),
  });
  const { headers, body } = signWebhook({
    scheme,
    key,
    body: BODIES[scheme.content],
    id: 'msg_1',
    time: NOW,
    url: `${URL_GIVEN}${query}`,
  });
  const [contentType] = scheme.contentTypes;
  const lines = { 'content-type': contentType, 'x-forwarded-for': '203.0.113.7', ...headers };
  const right = {
    method: 'POST',
    headers: lines,
    body,
    peerAddress: '10.0.0.1',
    url: `/hook${query}`,
  };
  return { verifier, right };
}

const ODD_TEXTS = [
  '',
  ' ',
  ',',
  '=',
  't=',
  'v1=',
  'v1,',
  '\0',
  '\uFFFF',
  '\ud800',
  '0',
  '-1',
  '1e9',
  '٠',
  'a'.repeat(5_000),
  ','.repeat(5_000),
  't=1,'.repeat(2_000),
  `t=${'9'.repeat(400)}`,
  '%',
  '&',
  '[]',
  '::ffff:1.2.3.4',
  '1.2.3.4.5',
  'fe80::1%eth0',
  '{"a":1}',
  '[[[[',
  '"',
  '\\',
  '__proto__',
  'null',
] as const;

const ODD_VALUES = [
  undefined,
  null,
  0,
  Number.NaN,
  true,
  Symbol.iterator,
  {},
  [],
  [[]],
  [1],
  () => '',
  10n,
  new Date(0),
  new Map([['signature', 'x']]),
  new Uint16Array(4),
  new ArrayBuffer(4),
  Object.create(null),
] as const;

/** One request, more or less like a right one. */
export function fuzzOne(next: Next): { readonly verdict: string; readonly isFresh: boolean } {
  const below = (count: number) => next() % count;
  const { verifier, right } = targets[below(targets.length)] as Target;
  const request: FuzzRequest = { ...right, headers: { ...(right.headers as object) } };
  const changes = below(4);
  for (let change = 0; change < changes; change += 1) spoil(request, below);
  const verdict = verifier.verifySync(request as never);
  if (verdict.verdict === 'refused' && !(verdict.reason in refusalStatus)) {
    throw new Error(`an unknown reason: ${verdict.reason}`);
  }
  if (verdict.verdict === 'refused' && verdict.reason === 'verifier-failed') {
    throw new Error(`the verifier of ${verifier.scheme.name} failed at ${verdict.stage}`);
  }
  if (changes === 0 && verdict.verdict !== 'accepted') throw new Error('a right one was refused');
  return { verdict: verdict.verdict, isFresh: changes === 0 };
}

function spoil(request: FuzzRequest, below: (count: number) => number): void {
  const text = () => ODD_TEXTS[below(ODD_TEXTS.length)] as string;
  const value = () => ODD_VALUES[below(ODD_VALUES.length)];
  switch (below(9)) {
    case 0:
      request[(['method', 'headers', 'body', 'peerAddress', 'url'] as const)[below(5)] as 'body'] =
        value();
      return;
    case 1:
      request[(['method', 'peerAddress', 'url'] as const)[below(3)] as 'url'] = text();
      return;
    case 2:
      request.body = flipped(request.body, below);
      return;
    case 3:
      request.body = Buffer.from(Array.from({ length: below(64) }, () => below(256)));
      return;
    case 4:
      request.body = Buffer.from(text());
      return;
    default:
      spoilHeader(request, below, below(2) === 0 ? text() : value());
  }
}

function flipped(body: unknown, below: (count: number) => number): unknown {
  if (!(body instanceof Uint8Array) || body.length === 0) return body;
  const copy = Buffer.from(body);
  const at = below(copy.length);
  copy[at] = (copy[at] as number) ^ (1 << below(8));
  return copy;
}

function spoilHeader(request: FuzzRequest, below: (count: number) => number, odd: unknown): void {
  // One of the odd values took their place: some of those let nothing be written into them.
  if (typeof request.headers !== 'object' || request.headers === null) return;
  if (Object.getPrototypeOf(request.headers) !== Object.prototype) return;
  const headers = request.headers as Record<string, unknown>;
  const names = Object.keys(headers);
  const name = names[below(Math.max(1, names.length))];
  if (name === undefined) return;
  const before = headers[name];
  const joined = `${inText(before)}${inText(odd)}`;
  const ways = [odd, joined, [before, before], [odd], undefined];
  switch (below(7)) {
    case 5:
      headers[name.toUpperCase()] = before;
      return;
    case 6:
      headers[name] = cut(inText(before), below);
      return;
    default:
      headers[name] = ways[below(5)];
  }
}

/** Some values cannot be turned into text. */
function inText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return '';
  }
}

function cut(text: string, below: (count: number) => number): string {
  const at = below(text.length + 1);
  const digit = String.fromCharCode(32 + below(96));
  return below(2) === 0 ? text.slice(0, at) : `${text.slice(0, at)}${digit}${text.slice(at + 1)}`;
}
