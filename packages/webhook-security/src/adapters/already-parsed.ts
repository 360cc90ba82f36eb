import type { IncomingMessage } from 'node:http';
import { WebhookSecurityError } from '../errors.js';
import { unreadReason } from './unread-body.js';

/** A request whose body something read before the webhook, and what is known of that. */
export interface ReadTooEarly {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly contentType: string | null | undefined;
  /** What there is in place of the bytes. */
  readonly body: unknown;
  /** What may have read it, by the names that its users know. */
  readonly reader: string;
  /** The line that mends it. */
  readonly remedy: string;
}

/** Names what happened and the line that mends it: without the bytes no signature can hold. */
export function alreadyParsed(early: ReadTooEarly): WebhookSecurityError {
  const { method, url, contentType, body, reader, remedy } = early;
  const isDecoded = unreadReason(body) !== undefined;
  const isNothing = body === undefined || body === null;
  const what = isDecoded || typeof body === 'string' ? 'text' : isNothing ? 'nothing' : 'an object';
  const who = isDecoded
    ? 'something that called setEncoding on its stream, or replaced it,'
    : reader;
  return new WebhookSecurityError(
    'BODY_ALREADY_PARSED',
    `the body of ${method} ${pathOf(url)} (${contentType ?? 'no content type'}) reached the webhook as ` +
      `${what}: ${who} read it before its bytes could be verified. ${remedy}`,
  );
}

/** The same for Node's request. */
export function alreadyParsedBy(
  raw: IncomingMessage,
  more: Pick<ReadTooEarly, 'body' | 'reader' | 'remedy'>,
): WebhookSecurityError {
  const { method, url, headers } = raw;
  return alreadyParsed({ method, url, contentType: headers['content-type'], ...more });
}

/** What of Express most likely left such a body. */
export function expressReader(raw: IncomingMessage, body: unknown): string {
  if (typeof body === 'string') return 'express.text(), or a parser like it,';
  const isForm = raw.headers['content-type']?.includes('form') === true;
  return `${isForm ? 'express.urlencoded()' : 'express.json()'}, or a parser like it,`;
}

/** Without the query, which may hold a token. */
function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] as string;
}
