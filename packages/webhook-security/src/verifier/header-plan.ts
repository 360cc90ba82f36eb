import { HeaderReader } from '../request/headers.js';
import { headerNames } from '../scheme/header-names.js';
import type { MessagePart, WebhookScheme } from '../scheme/scheme.js';

/** The headers that a verifier reads, and where it finds each among the values read. */
export interface HeaderPlan {
  readonly reader: HeaderReader;
  readonly contentType: number;
  readonly contentEncoding: number;
  readonly forwardedFor: number;
  /** Those that carry what is signed: each must be there, once, as text that is not empty. */
  readonly signed: readonly number[];
  /** The place of one of those. */
  placeOf(name: string): number;
}

export function planHeaders(scheme: WebhookScheme): HeaderPlan {
  const signed = [...new Set(headerNames(scheme))];
  const names = [...new Set(['content-type', 'content-encoding', 'x-forwarded-for', ...signed])];
  return {
    reader: new HeaderReader(names),
    contentType: 0,
    contentEncoding: 1,
    forwardedFor: 2,
    signed: signed.map((name) => names.indexOf(name)),
    placeOf: (name) => names.indexOf(name),
  };
}

export function isHeader(part: MessagePart): part is { readonly header: string } {
  return typeof part === 'object' && 'header' in part;
}
