export { type AddressSet, createAddressSet } from './address/address-set.js';
export { type ForwardedRequest, resolveClientAddress } from './address/client-address.js';
export type { ParsedAddress } from './address/parse-address.js';
export {
  isWebhookSecurityError,
  WebhookSecurityError,
  type WebhookSecurityErrorCode,
} from './errors.js';
export type { FormReading } from './form/php-form.js';
export type { ErrorKind, ObserverFailure, WebhookEvent, WebhookObserver } from './observer.js';
export { type ReplayOptions, VERIFIER_DEFAULTS, type WebhookVerifierOptions } from './options.js';
export type { SchemaIssue, SchemaResult, StandardSchema } from './payload/standard-schema.js';
export { type Clock, systemClock } from './ports/clock.js';
export type { ClaimResult, ReplayStore } from './ports/replay-store.js';
export { type RefusalReason, refusalStatus, type Stage, stageOrder } from './reasons.js';
export type { WebhookHeaders } from './request/headers.js';
export type { WebhookRequest } from './request/webhook-request.js';
export { defineScheme } from './scheme/define-scheme.js';
export { type PayTabsReturnOptions, payTabsCallback, payTabsReturn } from './scheme/paytabs.js';
export type {
  BodyTime,
  DeliveryIdSource,
  HeaderTime,
  MessagePart,
  SignatureSource,
  SignedMessage,
  WebhookScheme,
} from './scheme/scheme.js';
export type { SignatureEncoding } from './signature/encoding.js';
export type { HashAlgorithm } from './signature/hmac.js';
export type { KeyFormat, WebhookKey } from './signature/keys.js';
export {
  createMemoryReplayStore,
  type MemoryReplayStoreOptions,
} from './stores/memory/memory-replay-store.js';
export type {
  AcceptedVerdict,
  DeliveryClaim,
  RefusedVerdict,
  Staleness,
  Verdict,
} from './verdict.js';
export {
  createWebhookVerifier,
  type RequestRefusal,
  type WebhookVerifier,
} from './verifier/create-webhook-verifier.js';
