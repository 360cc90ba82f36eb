import {
  createWebhookVerifier,
  type PayTabsReturnOptions,
  payTabsReturn,
  type WebhookRequest,
  type WebhookVerifier,
  type WebhookVerifierOptions,
} from '@nestcms/webhook-security';
import { payloadSchema } from './payload-schema.js';
import { type PayTabsReturn, readReturn } from './read-return.js';

export interface ReturnVerifierOptions
  extends Omit<WebhookVerifierOptions<PayTabsReturn>, 'scheme' | 'payload'>,
    PayTabsReturnOptions {
  /** The profile's server keys, newest first: the gateway signs with the key that the client sends. */
  readonly keys: readonly string[];
}

const returnSchema = payloadSchema(readReturn, 'is no return of the gateway');

/**
 * The verifier of the browser's return, which comes by POST as a form, or by GET in the address (`returnUsingGet`): pass
 * `url` with the request then, and name the query parameters of your own return URL in `exclude`. What it accepts shows
 * a page. It carries no amount and no time: ask the gateway, or wait for the notice.
 * @throws WebhookSecurityError for an impossible option
 */
export function createReturnVerifier({
  tilde,
  zero,
  exclude,
  ...options
}: ReturnVerifierOptions): WebhookVerifier<PayTabsReturn> {
  const scheme = payTabsReturn({
    ...(tilde === undefined ? {} : { tilde }),
    ...(zero === undefined ? {} : { zero }),
    ...(exclude === undefined ? {} : { exclude }),
  });
  const verifier = createWebhookVerifier({ ...options, scheme, payload: returnSchema });
  return Object.freeze({
    scheme: Object.freeze({ ...scheme, methods: ['POST', 'GET'] as const }),
    maxBytes: verifier.maxBytes,
    verify: (request: WebhookRequest) => verifier.verify(asForm(request)),
    verifySync: (request: WebhookRequest) => verifier.verifySync(asForm(request)),
    refuse: verifier.refuse.bind(verifier),
  });
}

/** What came in the address, as the form it would have been. Anything else stays as it is, for the verifier to judge. */
function asForm(request: WebhookRequest): WebhookRequest {
  try {
    const { method, headers, peerAddress, url } = request;
    if (method !== 'GET' || typeof url !== 'string') return request;
    const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
    // Node gives an address by its bytes, one letter each.
    return { method: 'POST', headers, peerAddress, body: Buffer.from(query, 'latin1') };
  } catch {
    return request;
  }
}
