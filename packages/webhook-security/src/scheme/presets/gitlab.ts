import { definePreset } from '../define-preset.js';
import type { WebhookScheme } from '../scheme.js';
import { BODY, JSON_POST, SECRET } from './common.js';

/**
 * GitLab: `X-Gitlab-Token`, the secret itself. Nothing of the request is signed: whoever has once seen one can send
 * another.
 */
export function gitlab(): WebhookScheme {
  return definePreset({
    ...JSON_POST,
    name: 'gitlab',
    signature: { kind: 'header', name: 'x-gitlab-token' },
    versions: [
      {
        algorithm: 'token',
        encoding: 'text',
        key: SECRET,
      },
    ],
    message: BODY,
    maxBytes: 26_214_400,
    unsigned: ['everything: the token only shows that the sender knows it'],
  });
}
