export type { LambdaHttpEvent } from './lambda-event.js';
export {
  type ChallengedContext,
  type LambdaHttpResult,
  type RefusedContext,
  type WebhookContext,
  type WebhookHandlerOptions,
  webhookHandler,
} from './webhook-handler.js';
