import {
  github,
  payTabsCallback,
  payTabsReturn,
  shopify,
  slack,
  standardWebhooks,
  stripe,
  svix,
  type WebhookScheme,
} from '../../src/index.js';

/** The vectors' schemes. */
export const vectorSchemes: Readonly<Record<string, WebhookScheme>> = {
  paytabs: payTabsCallback(),
  'paytabs-return': payTabsReturn(),
  standard: standardWebhooks(),
  svix: svix(),
  github: github(),
  shopify: shopify(),
  slack: slack(),
  stripe: stripe(),
};
