import {
  createWebhookVerifier,
  payTabsCallback,
  type WebhookRequest,
  type WebhookVerifierOptions,
} from '../src/index.js';
import { ManualClock, signPayTabsCallback } from '../src/testing/index.js';

export const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
export const now = Date.UTC(2026, 8, 13, 8, 20);

/** A notice of four minutes before `now`. */
export const notice = {
  tran_ref: 'TST2625600001234',
  profile_id: 98765,
  payment_result: { response_status: 'A', transaction_time: '2026-09-13T08:16:00Z' },
};

/** A rightly signed callback. */
export function callback(
  content: unknown = notice,
  more: Partial<WebhookRequest> = {},
): WebhookRequest {
  const body = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
  return {
    method: 'POST',
    headers: [
      ['content-type', 'application/json'],
      ['signature', signPayTabsCallback(body, key)],
    ],
    body,
    peerAddress: '203.0.113.7',
    ...more,
  };
}

/** A verifier of PayTabs callbacks at `now`. */
export function verifierWith<Payload = unknown>(
  more: Partial<WebhookVerifierOptions<Payload>> = {},
) {
  return createWebhookVerifier<Payload>({
    scheme: payTabsCallback(),
    keys: [key],
    clock: new ManualClock({ wallTime: now }),
    ...more,
  });
}
