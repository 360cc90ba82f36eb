import type { VerifierSettings } from '../options.js';
import { collectHeaders, mediaType } from '../request/headers.js';
import { viewBody } from '../request/webhook-request.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import type { Refusal, Step } from './check.js';

/** The headers that a verifier of this scheme reads. */
function wantedHeaders({ signature, headerTime, id }: WebhookScheme): ReadonlySet<string> {
  const wanted = new Set(['content-type', 'content-encoding', 'x-forwarded-for']);
  if (signature.kind === 'header') wanted.add(signature.name);
  if (headerTime?.kind === 'header') wanted.add(headerTime.name);
  if (id !== undefined) wanted.add(id.header);
  return wanted;
}

/** Method, content type and encoding, raw bytes, size: what needs no secret and no body. */
export function requestStep({ scheme, maxBytes }: VerifierSettings): Step {
  const wanted = wantedHeaders(scheme);
  return (check) => {
    const { request } = check;
    if (request === undefined) return { reason: 'request-malformed' };
    const headers = collectHeaders(request.headers, wanted);
    if (headers === undefined) return { reason: 'request-malformed' };
    check.headers = headers;
    if (!scheme.methods.includes(request.method as string)) return { reason: 'method' };
    const fault = contentFault(headers, scheme);
    if (fault !== undefined) return fault;
    const body = viewBody(request.body);
    if (body === undefined) return { reason: 'body-not-raw' };
    if (body.length > maxBytes) return { reason: 'body-too-large' };
    // A copy, so that what is read after the signature are the bytes that were signed, even if the
    // caller or another thread writes into its memory meanwhile.
    check.body = Buffer.from(body);
    return undefined;
  };
}

function contentFault(headers: Refusable, scheme: WebhookScheme): Refusal | undefined {
  const types = headers.get('content-type') ?? [];
  if (types.length > 1 || types.some((type) => !isAllowedType(type, scheme))) {
    return { reason: 'content-type' };
  }
  const encodings = headers.get('content-encoding') ?? [];
  // A body that was inflated, or should have been, is not what the sender signed.
  return encodings.every((encoding) => encoding?.trim().toLowerCase() === 'identity')
    ? undefined
    : { reason: 'content-encoding' };
}

type Refusable = ReadonlyMap<string, readonly (string | undefined)[]>;

function isAllowedType(type: string | undefined, scheme: WebhookScheme): boolean {
  return type !== undefined && scheme.contentTypes.includes(mediaType(type));
}
