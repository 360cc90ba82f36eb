export { type AddressSet, createAddressSet } from './address/address-set.js';
export { type ForwardedRequest, resolveClientAddress } from './address/client-address.js';
export type { SignatureAlgorithm } from './crypto/algorithms.js';
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
export type { ClaimResult, KeptAnswer, MaybePromise, ReplayStore } from './ports/replay-store.js';
export { type RefusalReason, refusalStatus, type Stage, stageOrder } from './reasons.js';
export type { WebhookHeaders } from './request/headers.js';
export type { WebhookRequest } from './request/webhook-request.js';
export { defineScheme } from './scheme/define-scheme.js';
export type { BodyReply, Handshake } from './scheme/handshake.js';
export { adyen } from './scheme/presets/adyen.js';
export { adyenPlatform } from './scheme/presets/adyen-platform.js';
export { bitbucket } from './scheme/presets/bitbucket.js';
export { calendly } from './scheme/presets/calendly.js';
export { circleCI } from './scheme/presets/circleci.js';
export { coinbaseCommerce } from './scheme/presets/coinbase-commerce.js';
export { discord } from './scheme/presets/discord.js';
export { docuSign } from './scheme/presets/docusign.js';
export { dropbox } from './scheme/presets/dropbox.js';
export { github } from './scheme/presets/github.js';
export { gitlab } from './scheme/presets/gitlab.js';
export { goCardless } from './scheme/presets/gocardless.js';
export { heroku } from './scheme/presets/heroku.js';
export { hubSpot } from './scheme/presets/hubspot.js';
export { intercom } from './scheme/presets/intercom.js';
export { lemonSqueezy } from './scheme/presets/lemon-squeezy.js';
export { line } from './scheme/presets/line.js';
export { linear } from './scheme/presets/linear.js';
export { meta } from './scheme/presets/meta.js';
export { mux } from './scheme/presets/mux.js';
export { paddle } from './scheme/presets/paddle.js';
export { pagerDuty } from './scheme/presets/pagerduty.js';
export { paystack } from './scheme/presets/paystack.js';
export {
  type PayTabsReturnOptions,
  payTabsCallback,
  payTabsReturn,
} from './scheme/presets/paytabs.js';
export { razorpay } from './scheme/presets/razorpay.js';
export { sendGrid } from './scheme/presets/sendgrid.js';
export { sentry } from './scheme/presets/sentry.js';
export { shopify } from './scheme/presets/shopify.js';
export { slack } from './scheme/presets/slack.js';
export { SNS_HOSTS, type SnsOptions, sns } from './scheme/presets/sns.js';
export { square } from './scheme/presets/square.js';
export { standardWebhooks, svix } from './scheme/presets/standard-webhooks.js';
export { stripe } from './scheme/presets/stripe.js';
export { telegram } from './scheme/presets/telegram.js';
export { type TwilioOptions, twilio, twilioJson } from './scheme/presets/twilio.js';
export { twitch } from './scheme/presets/twitch.js';
export { typeform } from './scheme/presets/typeform.js';
export { vercel } from './scheme/presets/vercel.js';
export { wooCommerce } from './scheme/presets/woocommerce.js';
export { workOS } from './scheme/presets/workos.js';
export { xero } from './scheme/presets/xero.js';
export { zendesk } from './scheme/presets/zendesk.js';
export { zoom } from './scheme/presets/zoom.js';
export type {
  BodyDigest,
  BodyTime,
  DeliveryIdSource,
  HeaderTime,
  KeyHintSource,
  MessagePart,
  SignatureSource,
  SignatureVersion,
  SignedMessage,
  TimeUnit,
  WebhookScheme,
} from './scheme/scheme.js';
export type { PublicJsonWebKey } from './signature/json-web-key.js';
export type { KeyHint, KeySource } from './signature/key-ring.js';
export type { KeyFormat, WebhookKey } from './signature/keys.js';
export {
  createMemoryReplayStore,
  type MemoryReplayStore,
  type MemoryReplayStoreOptions,
} from './stores/memory/memory-replay-store.js';
export type {
  AcceptedVerdict,
  ChallengedVerdict,
  ChallengeReply,
  DeliveryClaim,
  RefusedVerdict,
  Staleness,
  Verdict,
  WebhookAnswer,
} from './verdict.js';
export {
  createWebhookVerifier,
  type RequestRefusal,
  type WebhookVerifier,
} from './verifier/create-webhook-verifier.js';
