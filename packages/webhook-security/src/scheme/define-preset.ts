import { markScheme } from './mark-scheme.js';
import type { WebhookScheme } from './scheme.js';

/** A scheme of ours. The tests check them all, so that no process has to. */
export function definePreset(scheme: WebhookScheme): WebhookScheme {
  return markScheme(scheme);
}
