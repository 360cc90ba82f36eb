import { WebhookVerificationService } from '@hookflo/tern';
import {
  github,
  gitlab,
  lemonSqueezy,
  paddle,
  razorpay,
  sentry,
  shopify,
  standardWebhooks,
  stripe,
  svix,
  type WebhookScheme,
  wooCommerce,
  workOS,
} from '../../src/index.js';
import { describeInterop, jsonBodies } from './interop-suite.js';

const secret = 'a secret of some length';
const base64 = `whsec_${Buffer.from(secret).toString('base64')}`;

/** It puts the body into a template with `String.replace`, so a `$` in it is read as a mark. */
const withoutDollars = jsonBodies.filter((body) => !body.includes('$'));

type Platform = Parameters<typeof WebhookVerificationService.verifyWithPlatformConfig>[1];

const platforms: readonly (readonly [Platform, WebhookScheme, typeof jsonBodies])[] = [
  ['github', github(), jsonBodies],
  ['stripe', stripe(), jsonBodies],
  ['clerk', svix(), withoutDollars],
  ['dodopayments', standardWebhooks(), withoutDollars],
  ['shopify', shopify(), jsonBodies],
  ['gitlab', gitlab(), jsonBodies],
  ['paddle', paddle(), withoutDollars],
  ['razorpay', razorpay(), jsonBodies],
  ['lemonsqueezy', lemonSqueezy(), jsonBodies],
  ['workos', workOS(), withoutDollars],
  ['woocommerce', wooCommerce(), jsonBodies],
  ['sentry', sentry(), jsonBodies],
];

for (const [platform, scheme, bodies] of platforms) {
  const key = scheme.versions[0]?.key.prefix === undefined ? secret : base64;
  describeInterop(`@hookflo/tern, ${platform}`, {
    scheme,
    key,
    bodies,
    accepts: async ({ headers, body }) => {
      const request = new Request('https://example.com/hook', { method: 'POST', headers, body });
      const { isValid } = await WebhookVerificationService.verifyWithPlatformConfig(
        request,
        platform,
        key,
      );
      return isValid;
    },
  });
}
