import type { Clock } from '../ports/clock.js';
import { isUint8Array } from '../request/bytes.js';
import type { WebhookHeaders } from '../request/headers.js';
import { PRESETS } from '../scheme/presets/all.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import { signsUrl } from '../scheme/signs-url.js';
import { invalid, refuseUnknown } from '../validation.js';
import type { RefusedVerdict, Verdict } from '../verdict.js';
import {
  createWebhookVerifier,
  type WebhookVerifier,
} from '../verifier/create-webhook-verifier.js';
import { BODY_MANGLINGS, type BodyMangling } from './body-manglings.js';
import { BYTES_MANGLINGS, KEY_MANGLINGS } from './key-manglings.js';
import { type SignatureMangling, signatureManglingsOf } from './signature-manglings.js';

export interface DiagnoseOptions {
  readonly scheme: WebhookScheme;
  /** The keys as text, the way they stand in your configuration. Bytes are tried as they are. */
  readonly keys: readonly (string | Uint8Array)[];
  readonly method?: string;
  readonly headers: WebhookHeaders;
  readonly body: Uint8Array;
  /** The address that the sender was given, for schemes that sign it. */
  readonly url?: string;
  /** Other addresses it may have been given, e.g. behind a proxy. */
  readonly otherUrls?: readonly string[];
}

/** What is the matter with a request. */
export interface Diagnosis {
  /** Whether it verifies as it is, its time set aside. */
  readonly isRight: boolean;
  /** What a verifier says of it now, its time included. */
  readonly verdict: Verdict['verdict'];
  readonly reason: RefusedVerdict['reason'] | undefined;
  /** What would make it verify, each in a sentence; the likeliest first. */
  readonly findings: readonly string[];
}

/**
 * For development alone: finds out why a request does not verify, by trying what usually goes wrong. It
 * holds no key and no body.
 * @throws WebhookSecurityError INVALID_OPTION
 */
export function diagnose(options: DiagnoseOptions): Diagnosis {
  const names = ['scheme', 'keys', 'method', 'headers', 'body', 'url', 'otherUrls'];
  refuseUnknown('', options, names);
  const { scheme, keys, body } = options;
  if (!isUint8Array(body) && typeof body !== 'string') {
    throw invalid('body', body, 'the bytes as received; a parser that came first has lost them');
  }
  const verdict = judge(scheme, options, keys, 'now');
  return {
    isRight: isRight(judge(scheme, options, keys)),
    verdict: verdict?.verdict ?? 'refused',
    reason: verdict?.verdict === 'refused' ? verdict.reason : undefined,
    findings: [...new Set(findingsOf(options))],
  };
}

function* findingsOf(options: DiagnoseOptions): Generator<string> {
  const { scheme, keys, otherUrls = [] } = options;
  if (isRight(judge(scheme, options, keys))) {
    const now = judge(scheme, options, keys, 'now');
    if (!isRight(now)) yield `Signature and key are right; it is refused as ${reasonOf(now)}.`;
    return;
  }
  for (const url of otherUrls) {
    if (isRight(judge(scheme, { ...options, url }, keys))) {
      yield `The address it was signed for is ${url}.`;
    }
  }
  const found = [...manglingsOf(scheme, options)];
  yield* found;
  // Others that sign alike would fit as well, and say nothing new.
  if (found.length > 0) return;
  for (const [name, make] of Object.entries(PRESETS)) {
    const other = make();
    if (other.name === scheme.name) continue;
    for (const one of manglingsOf(other, options)) yield `The scheme is ${name}. ${one}`;
  }
}

function* manglingsOf(scheme: WebhookScheme, options: DiagnoseOptions): Generator<string> {
  for (const [index, key] of options.keys.entries()) {
    const found = manglingOf(scheme, options, key);
    if (found !== undefined) yield `With keys[${index}]: ${found}.`;
  }
}

/** The first that makes the request right. */
function manglingOf(
  scheme: WebhookScheme,
  options: DiagnoseOptions,
  key: string | Uint8Array,
): string | undefined {
  const received = { headers: options.headers, body: Buffer.from(options.body) };
  const signatures = signatureManglingsOf(scheme);
  for (const { what, read } of waysToRead(key)) {
    const made = read === undefined ? undefined : makeJudge(scheme, options, [read], 'any');
    if (made === undefined) continue;
    for (const signature of signatures) {
      const parts = signature.undo(received);
      if (parts === undefined) continue;
      const asked = { ...options, headers: parts.headers };
      for (const mangling of BODY_MANGLINGS) {
        const body = mangling.undo(parts.body);
        if (body === undefined || !isRight(ask(made, asked, body))) continue;
        return inWords(what, signature, mangling);
      }
    }
  }
  return undefined;
}

interface WayToRead {
  readonly what: string;
  readonly read: string | Buffer | undefined;
}

function waysToRead(key: string | Uint8Array): readonly WayToRead[] {
  return typeof key === 'string'
    ? KEY_MANGLINGS.map(({ what, read }) => ({ what, read: read(key) }))
    : BYTES_MANGLINGS.map(({ what, read }) => ({ what, read: read(Buffer.from(key)) }));
}

function inWords(key: string, signature: SignatureMangling, body: BodyMangling): string {
  return [key, signature.what, body.what].filter((what) => what !== undefined).join('; ');
}

type Time = 'any' | 'now';

/** Shows the calendar time it is told to. */
class ShownClock implements Clock {
  shown = 0;

  now(): number {
    return 0;
  }

  wallTime(): number {
    return this.shown;
  }

  setTimer(): () => void {
    return () => {};
  }
}

interface Judge {
  readonly verifier: WebhookVerifier;
  /** Set to what a request states; undefined where the machine's time counts. */
  readonly clock: ShownClock | undefined;
}

/** Undefined where the keys or the address do not fit the scheme. */
function makeJudge(
  scheme: WebhookScheme,
  { url }: DiagnoseOptions,
  keys: readonly (string | Uint8Array)[],
  time: Time,
): Judge | undefined {
  const needsUrl = signsUrl(scheme);
  if (needsUrl && url === undefined) return undefined;
  const clock = time === 'any' ? new ShownClock() : undefined;
  try {
    const verifier = createWebhookVerifier({
      scheme,
      keys,
      payload: false,
      ...(needsUrl && url !== undefined && { url }),
      ...(clock && { clock }),
    });
    return { verifier, clock };
  } catch {
    return undefined;
  }
}

function judge(
  scheme: WebhookScheme,
  options: DiagnoseOptions,
  keys: readonly (string | Uint8Array)[],
  time: Time = 'any',
): Verdict | undefined {
  const made = makeJudge(scheme, options, keys, time);
  return made === undefined ? undefined : ask(made, options, Buffer.from(options.body));
}

function ask({ verifier, clock }: Judge, options: DiagnoseOptions, body: Buffer): Verdict {
  const { method = 'POST', headers, url } = options;
  const request = { method, headers, body, url };
  const times = clock === undefined ? [] : timesIn(headers);
  for (const time of times) {
    if (clock !== undefined) clock.shown = time;
    const verdict = verifier.verifySync(request);
    if (verdict.verdict !== 'refused' || !verdict.reason.startsWith('timestamp')) return verdict;
  }
  return verifier.verifySync(request);
}

/** Every number and date in the headers, as times: one of them is the one that was signed. */
function timesIn(headers: WebhookHeaders): readonly number[] {
  const text = textOf(headers);
  const numbers = [...text.matchAll(/\d{9,16}/g)].map(([digits]) => Number(digits));
  const dates = [...text.matchAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g)].map(([date]) => Date.parse(date));
  return [0, ...numbers.map((one) => one * 1_000), ...numbers, ...dates];
}

function textOf(headers: WebhookHeaders): string {
  if (Symbol.iterator in headers) return [...headers].flat().join('\n');
  return Object.values(headers).flat().join('\n');
}

function isRight(verdict: Verdict | undefined): boolean {
  if (verdict === undefined) return false;
  return verdict.verdict !== 'refused' || verdict.reason === 'body-empty';
}

function reasonOf(verdict: Verdict | undefined): string {
  return verdict?.verdict === 'refused' ? verdict.reason : 'unknown';
}
