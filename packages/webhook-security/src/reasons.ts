/** The stages of a verdict. A scheme declares their order; `stageOrder` is the usual one. */
export type Stage =
  | 'request'
  | 'address'
  | 'form'
  | 'headerTime'
  | 'signature'
  | 'bodyTime'
  | 'replay'
  | 'payload';

/** From the cheapest check to the dearest; nothing is hashed before `signature`. */
export const stageOrder: readonly Stage[] = Object.freeze<Stage[]>([
  'request',
  'address',
  'form',
  'headerTime',
  'signature',
  'bodyTime',
  'replay',
  'payload',
]);

/** The HTTP status that answers each reason. A repeat may be answered otherwise: `repeatStatus`. */
export const refusalStatus = Object.freeze({
  'request-malformed': 400,
  method: 405,
  'content-type': 415,
  'content-encoding': 415,
  'body-not-raw': 500,
  'body-too-large': 413,
  'body-timeout': 408,
  'server-busy': 503,
  'address-invalid': 403,
  'address-refused': 403,
  'form-malformed': 400,
  'header-missing': 401,
  'header-duplicate': 401,
  'header-malformed': 401,
  'signature-scheme': 401,
  'unsigned-error': 401,
  'timestamp-old': 401,
  'timestamp-future': 401,
  signature: 401,
  'keys-unavailable': 503,
  'body-empty': 400,
  'challenge-refused': 403,
  replay: 409,
  'replay-store-failed': 503,
  'payload-malformed': 400,
  'payload-invalid': 422,
  'payload-check-failed': 500,
  'verifier-failed': 500,
} as const satisfies Record<string, number>);

/** Why a request was refused: closed, so that a `switch` over it can be exhaustive. */
export type RefusalReason = keyof typeof refusalStatus;
