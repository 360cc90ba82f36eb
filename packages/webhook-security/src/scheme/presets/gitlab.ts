import { definePreset } from '../define-scheme.js';
import type { WebhookScheme } from '../scheme.js';

/**
 * GitLab: `X-Gitlab-Token`, the secret itself. Nothing of the request is signed: whoever has once seen one can send
 * another.
 */
export function gitlab(): WebhookScheme {
  return definePreset({
    name: 'gitlab',
    methods: ['POST'],
    contentTypes: ['application/json'],
    content: 'json',
    signature: { kind: 'header', name: 'x-gitlab-token' },
    versions: [
      {
        algorithm: 'token',
        encoding: 'text',
        key: { encoding: 'utf8', minBytes: 8 },
      },
    ],
    message: { kind: 'parts', parts: ['body'] },
    deliveryId: { kind: 'message' },
    maxBytes: 26_214_400,
    repeatStatus: 200,
    unsigned: ['everything: the token only shows that the sender knows it'],
  });
}
