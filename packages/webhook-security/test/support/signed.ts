import {
  createWebhookVerifier,
  type Verdict,
  type WebhookScheme,
  type WebhookVerifierOptions,
} from '../../src/index.js';
import { signsUrl } from '../../src/scheme/signs-url.js';
import { type SignWebhookOptions, signWebhook } from '../../src/signing/index.js';
import { ManualClock } from '../../src/testing/index.js';

export const now = Date.UTC(2026, 8, 13, 8, 20);
export const secret = '0123456789abcdef0123456789abcdef';
export const hookUrl = 'https://example.com/hook';

/** The secret as the scheme's sender shows it. */
export function keyOf({ versions: [version] }: WebhookScheme): string {
  const { encoding, prefix = '' } = version?.key ?? { encoding: 'utf8' };
  return encoding === 'base64' ? `${prefix}${Buffer.from(secret).toString('base64')}` : secret;
}

type Headers = Record<string, string>;

/** A verifier and a sender of one scheme, who share a secret and a moment. */
export function pairOf<Payload = unknown>(
  scheme: WebhookScheme,
  more: Partial<WebhookVerifierOptions<Payload>> = {},
) {
  const clock = new ManualClock({ wallTime: now });
  const verifier = createWebhookVerifier<Payload>({
    scheme,
    keys: [keyOf(scheme)],
    clock,
    ...(signsUrl(scheme) && { url: hookUrl }),
    ...more,
  });
  const sign = (body: Uint8Array | string = '{"a":1}', how: Partial<SignWebhookOptions> = {}) => {
    const key = keyOf(scheme);
    const time = clock.wallTime();
    const signed = signWebhook({ scheme, key, body, id: 'msg_1', time, url: hookUrl, ...how });
    return { method: 'POST', headers: signed.headers as Headers, body: signed.body, url: '/hook' };
  };
  return { clock, verifier, sign };
}

/** `accepted`, or why not. */
export function told(verdict: Verdict): string {
  return verdict.verdict === 'refused' ? verdict.reason : verdict.verdict;
}

/** The same request with other headers. */
export function withHeaders<R extends { readonly headers: Headers }>(request: R, more: Headers): R {
  return { ...request, headers: { ...request.headers, ...more } };
}
