/** Errors of undici that are made on this side, before or without the other. */
const OWN_CODES: ReadonlySet<unknown> = new Set([
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_INVALID_RETURN_VALUE',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

/**
 * Whether a request failed for a reason that lies on this side: a client that was closed, a request that is
 * wrong, or a body that could not be read to be sent.
 * @param body the request's
 */
export const isOwnFault = (error: unknown, body: unknown): boolean => {
  if (typeof error !== 'object' || error === null) return false;
  if (OWN_CODES.has((error as { readonly code?: unknown }).code)) return true;
  const { errored } = (body ?? {}) as { readonly errored?: unknown };
  return errored === error;
};
