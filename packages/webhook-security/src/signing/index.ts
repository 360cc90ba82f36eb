export {
  type SignedWebhook,
  type SignWebhookOptions,
  signWebhook,
  signWebhookAsync,
} from './sign-webhook.js';
