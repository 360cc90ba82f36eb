import { valueAt } from '../payload/content.js';
import { concatBytes, isSynchronous, sha256Hex } from '../platform/index.js';
import type { MaybeLater } from '../platform/platform.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import type { Check, Step } from './check.js';
import type { ReadContent } from './content-steps.js';

const longestIdPart = 100;
const longestKey = 500;

/** Names a delivery by what is signed alone. A part that is missing or odd falls back to the message's digest. */
export function deliveryIdOf(check: Check, scheme: WebhookScheme, contentOf: ReadContent): string {
  // Where a hash comes later, `namingStep` has been there before.
  check.deliveryId ??= findId(check, scheme, contentOf) as string;
  return check.deliveryId;
}

/** Names each delivery before anyone asks, where that may need a hash that comes later. */
export function namingStep(scheme: WebhookScheme, contentOf: ReadContent): Step | undefined {
  if (isSynchronous) return undefined;
  return async (check) => {
    check.deliveryId = await findId(check, scheme, contentOf);
    return undefined;
  };
}

function findId(check: Check, scheme: WebhookScheme, contentOf: ReadContent): MaybeLater<string> {
  const { deliveryId } = scheme;
  if (deliveryId.kind === 'header') return check.id;
  if (deliveryId.kind === 'content') {
    const content = contentOf(check);
    const parts = deliveryId.paths.map((path) => idPart(valueAt(content, path)));
    if (parts.every((part) => part !== undefined)) return parts.join(':');
  }
  return digestName(signedContent(check, scheme));
}

/**
 * What is signed of the content, and nothing else: a body of which values alone are signed, or that
 * could be cut from the address elsewhere, can be written in many ways under one signature. Without
 * the time, for a retry has another.
 */
function signedContent({ body, message: pieces }: Check, { message }: WebhookScheme): Uint8Array {
  if (message.kind === 'form') return concatBytes(pieces.map(bytesOf));
  const { parts } = message;
  if (parts.includes('body') && !parts.includes('url')) return body;
  return concatBytes(pieces.filter((_, index) => parts[index] !== 'time').map(bytesOf));
}

const utf8 = new TextEncoder();

function bytesOf(piece: string | Uint8Array): Uint8Array {
  return typeof piece === 'string' ? utf8.encode(piece) : piece;
}

function digestName(data: Uint8Array | string): MaybeLater<string> {
  const digest = sha256Hex(data);
  return typeof digest === 'string' ? `sha256:${digest}` : digest.then((hex) => `sha256:${hex}`);
}

function idPart(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > longestIdPart) return undefined;
  return /\p{Surrogate}/u.test(text) ? undefined : encodeURIComponent(text);
}

/** Characters that encoding leaves as they are; most ids have no others, and this costs less. */
const isPlain = /^[\w.~-]+$/;

/** One spelling for each triple of scheme, tenant and delivery, short enough for every store. */
export function replayKey(prefix: string, deliveryId: string): MaybeLater<string> {
  const id = isPlain.test(deliveryId) ? deliveryId : encodeURIComponent(deliveryId);
  // Of two texts put together by a template the engine keeps both; a store holds this one for days.
  const key = [prefix, id].join('');
  return key.length <= longestKey ? key : digestName(key);
}

/** What the replay keys of one verifier begin with. */
export function replayKeyPrefix(scheme: string, tenant: string): string {
  return `${encodeURIComponent(scheme)}:${encodeURIComponent(tenant)}:`;
}
