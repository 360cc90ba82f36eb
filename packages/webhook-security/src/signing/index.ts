export { type SignedWebhook, type SignWebhookOptions, signWebhook } from './sign-webhook.js';
