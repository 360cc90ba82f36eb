import type { WebhookScheme } from '../scheme.js';
import { adyen } from './adyen.js';
import { adyenPlatform } from './adyen-platform.js';
import { bitbucket } from './bitbucket.js';
import { calendly } from './calendly.js';
import { discord } from './discord.js';
import { dropbox } from './dropbox.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { heroku } from './heroku.js';
import { hubSpot } from './hubspot.js';
import { intercom } from './intercom.js';
import { lemonSqueezy } from './lemon-squeezy.js';
import { linear } from './linear.js';
import { meta } from './meta.js';
import { mux } from './mux.js';
import { paddle } from './paddle.js';
import { pagerDuty } from './pagerduty.js';
import { payTabsCallback, payTabsReturn } from './paytabs.js';
import { razorpay } from './razorpay.js';
import { sendGrid } from './sendgrid.js';
import { sentry } from './sentry.js';
import { shopify } from './shopify.js';
import { slack } from './slack.js';
import { sns } from './sns.js';
import { square } from './square.js';
import { standardWebhooks, svix } from './standard-webhooks.js';
import { stripe } from './stripe.js';
import { telegram } from './telegram.js';
import { twilio, twilioJson } from './twilio.js';
import { vercel } from './vercel.js';
import { wooCommerce } from './woocommerce.js';
import { workOS } from './workos.js';
import { xero } from './xero.js';
import { zendesk } from './zendesk.js';
import { zoom } from './zoom.js';

/** Every scheme that comes with the package, by the name of the function that makes it. */
export const PRESETS: Readonly<Record<string, () => WebhookScheme>> = Object.freeze({
  adyen,
  adyenPlatform,
  bitbucket,
  calendly,
  discord,
  dropbox,
  github,
  gitlab,
  heroku,
  hubSpot,
  intercom,
  lemonSqueezy,
  linear,
  meta,
  mux,
  paddle,
  pagerDuty,
  payTabsCallback,
  payTabsReturn,
  razorpay,
  sendGrid,
  sentry,
  shopify,
  slack,
  sns,
  square,
  standardWebhooks,
  stripe,
  svix,
  telegram,
  twilio,
  twilioJson,
  vercel,
  wooCommerce,
  workOS,
  xero,
  zendesk,
  zoom,
});
