import type { IncomingMessage } from 'node:http';
import type { WebhookScheme } from '../scheme/scheme.js';

/** The methods a route must take: those of deliveries, and of a handshake asked in the address. */
export function methodsOf({ methods, handshake }: WebhookScheme): string[] {
  const asked = handshake?.kind === 'query' ? [handshake.method] : [];
  return [...new Set([...methods, ...asked])];
}

/** What a verifier needs of Node's request; header lines are kept apart, see `WebhookHeaders`. */
export function requestParts(raw: IncomingMessage): {
  readonly method: string;
  readonly headers: readonly string[];
  readonly peerAddress: string | undefined;
  readonly url: string | undefined;
} {
  return {
    method: raw.method ?? '',
    headers: raw.rawHeaders,
    peerAddress: raw.socket?.remoteAddress,
    // Where a router was mounted, `url` is only the rest.
    url: (raw as { readonly originalUrl?: string }).originalUrl ?? raw.url,
  };
}
