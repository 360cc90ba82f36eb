import { hash } from 'node:crypto';
import { valueAt } from '../payload/content.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import type { Check } from './check.js';
import type { ReadContent } from './content-steps.js';

const longestIdPart = 100;
const longestKey = 500;

/** Names a delivery by what is signed alone. A part that is missing or odd falls back to the message's digest. */
export function deliveryIdOf(check: Check, scheme: WebhookScheme, contentOf: ReadContent): string {
  check.deliveryId ??= findId(check, scheme, contentOf);
  return check.deliveryId;
}

function findId(check: Check, scheme: WebhookScheme, contentOf: ReadContent): string {
  const { deliveryId, message } = scheme;
  if (deliveryId.kind === 'header') return check.id;
  if (deliveryId.kind === 'content') {
    const content = contentOf(check);
    const parts = deliveryId.paths.map((path) => idPart(valueAt(content, path)));
    if (parts.every((part) => part !== undefined)) return parts.join(':');
  }
  const [canonical] = check.message;
  const digested = message.kind === 'form' ? (canonical as string) : check.body;
  return `sha256:${hash('sha256', digested, 'hex')}`;
}

function idPart(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > longestIdPart) return undefined;
  return /\p{Surrogate}/u.test(text) ? undefined : encodeURIComponent(text);
}

/** Characters that encoding leaves as they are; most ids have no others, and this costs less. */
const isPlain = /^[\w.~-]+$/;

/** One spelling for each triple of scheme, tenant and delivery, short enough for every store. */
export function replayKey(prefix: string, deliveryId: string): string {
  const key = `${prefix}${isPlain.test(deliveryId) ? deliveryId : encodeURIComponent(deliveryId)}`;
  return key.length <= longestKey ? key : `sha256:${hash('sha256', key, 'hex')}`;
}

/** What the replay keys of one verifier begin with. */
export function replayKeyPrefix(scheme: string, tenant: string): string {
  return `${encodeURIComponent(scheme)}:${encodeURIComponent(tenant)}:`;
}
