import type { VerifierSettings } from '../options.js';
import { HeaderLines, type HeaderValue, mediaType } from '../request/headers.js';
import { viewBody } from '../request/webhook-request.js';
import type { WebhookScheme } from '../scheme/scheme.js';
import type { Refusal, Step } from './check.js';
import { queryHandshake } from './handshake-step.js';
import type { HeaderPlan } from './header-plan.js';

const MALFORMED: Refusal = { reason: 'request-malformed' };
const METHOD: Refusal = { reason: 'method' };
const CONTENT_TYPE: Refusal = { reason: 'content-type' };
const CONTENT_ENCODING: Refusal = { reason: 'content-encoding' };
const NOT_RAW: Refusal = { reason: 'body-not-raw' };
const TOO_LARGE: Refusal = { reason: 'body-too-large' };

/** Method, content type and encoding, raw bytes, size: what needs no secret and no body. */
export function requestStep(settings: VerifierSettings, plan: HeaderPlan): Step {
  const { scheme, maxBytes } = settings;
  const isAllowedType = typeTest(scheme);
  const handshake = queryHandshake(settings);
  return (check) => {
    const { request } = check;
    if (request === undefined) return MALFORMED;
    const headers = plan.reader.read(request.headers);
    if (headers === undefined) return MALFORMED;
    check.headers = headers;
    check.asked = handshake?.(check);
    if (check.asked !== undefined) return undefined;
    if (!scheme.methods.includes(request.method as string)) return METHOD;
    const type = headers[plan.contentType];
    if (type !== undefined && !isAllowedType(type)) return CONTENT_TYPE;
    if (!isPlain(headers[plan.contentEncoding])) return CONTENT_ENCODING;
    const body = viewBody(request.body);
    if (body === undefined) return NOT_RAW;
    if (body.length > maxBytes) return TOO_LARGE;
    check.body = body;
    return undefined;
  };
}

/** Remembers the last one that was allowed, for senders hardly ever change theirs. */
function typeTest({ contentTypes }: WebhookScheme): (type: HeaderValue) => boolean {
  let last: string | undefined;
  return (type) => {
    if (typeof type !== 'string') return false;
    if (type === last) return true;
    if (!contentTypes.includes(mediaType(type))) return false;
    last = type;
    return true;
  };
}

/** A body that was inflated, or should have been, is not what the sender signed. */
function isPlain(encoding: HeaderValue): boolean {
  if (encoding === undefined) return true;
  const lines = encoding instanceof HeaderLines ? encoding.lines : [encoding];
  return lines.every((line) => line?.trim().toLowerCase() === 'identity');
}
