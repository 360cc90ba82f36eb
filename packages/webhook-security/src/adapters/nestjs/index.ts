export type { ChallengedContext } from './webhook-interceptor.js';
export { WebhookRefusedException } from './webhook-refused-exception.js';
export { WebhookRoute, type WebhookRouteOptions, WebhookVerdict } from './webhook-route.js';
