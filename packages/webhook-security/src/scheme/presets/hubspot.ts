import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { JSON_POST, NO_END_OF_QUERY, SECRET } from './common.js';

/**
 * HubSpot v3: `X-HubSpot-Signature-v3`, base64 HMAC-SHA256 of method, address, body and a time in milliseconds.
 * Give the verifier the address of the subscription as `url`.
 */
export function hubSpot(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'hubspot',
    signature: { kind: 'header', name: 'x-hubspot-signature-v3' },
    versions: [
      {
        algorithm: 'hmac-sha256',
        encoding: 'base64',
        key: SECRET,
      },
    ],
    message: { kind: 'parts', parts: ['method', 'url', 'body', 'time'] },
    headerTime: { kind: 'header', name: 'x-hubspot-request-timestamp', unit: 'ms' },
    unsigned: ['every other header', NO_END_OF_QUERY],
  });
}
