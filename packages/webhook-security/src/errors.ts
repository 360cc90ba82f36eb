/** Every code an error of this package can carry. Codes are stable; messages are not. */
export type WebhookSecurityErrorCode =
  /** An option is impossible or unknown; the message names it, the value and the allowed range. */
  | 'INVALID_OPTION'
  /** A key is missing, blank, padded with white space, too short or undecodable. Never holds the key. */
  | 'INVALID_KEY'
  /** A scheme contradicts itself, e.g. its stages claim a delivery before the signature held. */
  | 'INVALID_SCHEME'
  /** The body was parsed before the webhook's adapter saw its bytes. */
  | 'BODY_ALREADY_PARSED'
  /** A bounded replay store has no room; the delivery is refused, never waved through. */
  | 'STORE_FULL'
  /** A stored delivery has a format that this version does not know. It is left as it is. */
  | 'STORE_FORMAT'
  /** A replay store did not answer in time. */
  | 'STORE_TIMEOUT'
  /** `verifySync` or `signWebhook` where the platform, the keys, the store or the schema answer later. */
  | 'NOT_SYNC'
  /** The function that gives the keys did not answer in time. */
  | 'KEYS_TIMEOUT'
  /** What an address of a sender's should give could not be had. */
  | 'REMOTE_FAILED'
  /** What an address of a sender's gave is not taken: empty, unreadable, too short, or not pinned. */
  | 'REMOTE_REFUSED'
  /** A payload schema did not answer in time. */
  | 'PAYLOAD_TIMEOUT'
  /** A payload that JSON cannot hold, so that no inbox can keep it. */
  | 'PAYLOAD_NOT_JSON'
  /** What processes an entry of an inbox did not end in time. */
  | 'PROCESS_TIMEOUT'
  /** A worker's lease of an entry ran out before it was done; another worker takes the entry. */
  | 'LEASE_LOST';

const brand = Symbol.for('@nestcms/webhook-security.error');

/** The one error class of this package. Requests never cause it: they end in a verdict. */
export class WebhookSecurityError extends Error {
  override readonly name: string = 'WebhookSecurityError';
  readonly code: WebhookSecurityErrorCode;

  constructor(code: WebhookSecurityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * Whether a value is an error of this package, and of one code if given.
 * Goes by a mark, so that the ESM and the CommonJS copy know each other's errors. Never throws.
 */
export function isWebhookSecurityError(
  value: unknown,
  code?: WebhookSecurityErrorCode,
): value is WebhookSecurityError {
  const marked = value as { readonly [brand]?: unknown; readonly code?: unknown };
  try {
    return marked[brand] === true && (code === undefined || marked.code === code);
  } catch {
    // Null, undefined, or an object that throws when it is looked at.
    return false;
  }
}
