import type { IncomingMessage } from 'node:http';
import { WebhookSecurityError } from '../errors.js';

/** Names what happened and the line that mends it: without the bytes no signature can hold. */
export function alreadyParsed(
  raw: IncomingMessage,
  body: unknown,
  remedy: string,
): WebhookSecurityError {
  const kind = body === undefined ? 'nothing' : typeof body === 'string' ? 'text' : 'an object';
  const type = raw.headers['content-type'] ?? 'no content type';
  return new WebhookSecurityError(
    'BODY_ALREADY_PARSED',
    `the body of ${raw.method} ${pathOf(raw.url)} (${type}) reached the webhook as ${kind}: a body ` +
      `parser of the application read it before its bytes could be verified. ${remedy}`,
  );
}

/** Without the query, which may hold a token. */
function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] as string;
}
