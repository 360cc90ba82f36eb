import type { WebhookScheme } from '../scheme.js';
import { adyen } from './adyen.js';
import { adyenPlatform } from './adyen-platform.js';
import { bitbucket } from './bitbucket.js';
import { calendly } from './calendly.js';
import { circleCI } from './circleci.js';
import { coinbaseCommerce } from './coinbase-commerce.js';
import { discord } from './discord.js';
import { docuSign } from './docusign.js';
import { dropbox } from './dropbox.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { goCardless } from './gocardless.js';
import { heroku } from './heroku.js';
import { hubSpot } from './hubspot.js';
import { intercom } from './intercom.js';
import { lemonSqueezy } from './lemon-squeezy.js';
import { line } from './line.js';
import { linear } from './linear.js';
import { meta } from './meta.js';
import { mux } from './mux.js';
import { paddle } from './paddle.js';
import { pagerDuty } from './pagerduty.js';
import { paystack } from './paystack.js';
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
import { twitch } from './twitch.js';
import { typeform } from './typeform.js';
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
  circleCI,
  coinbaseCommerce,
  discord,
  docuSign,
  dropbox,
  github,
  gitlab,
  goCardless,
  heroku,
  hubSpot,
  intercom,
  lemonSqueezy,
  line,
  linear,
  meta,
  mux,
  paddle,
  pagerDuty,
  paystack,
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
  twitch,
  typeform,
  vercel,
  wooCommerce,
  workOS,
  xero,
  zendesk,
  zoom,
});
