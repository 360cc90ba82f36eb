export {
  type RefusedContext,
  type WebhookContext,
  type WebhookRouteOptions,
  webhookRoute,
} from './webhook-route.js';
