export type { BodyLimitOptions } from '../body-gate.js';
export {
  type ChallengedContext,
  type ExpressLikeHandler,
  type ExpressLikeRequest,
  type RefusedContext,
  type WebhookContext,
  type WebhookHandlerOptions,
  webhookHandler,
} from './webhook-handler.js';
