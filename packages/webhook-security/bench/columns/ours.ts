import type { Verdict, WebhookHeaders, WebhookScheme, WebhookVerifier } from '../../src/index.js';
import type { Ours } from '../support/build.ts';
import type { Checker } from '../support/checked.ts';
import type { Delivery, SchemeName } from '../support/deliveries.ts';

export const TITLES: Readonly<Record<SchemeName, string>> = {
  github: 'GitHub',
  standard: 'Standard',
  stripe: 'Stripe',
  slack: 'Slack',
};

/** Slack's handshake is asked in the body, which must be read for it: without, no content is read. */
const withoutHandshake = (ours: Ours, scheme: WebhookScheme): WebhookScheme => {
  const { handshake, ...rest } = scheme;
  if (handshake === undefined) throw new Error(`${scheme.name} has no handshake any more.`);
  return ours.defineScheme({ ...rest, name: `${rest.name}-events` });
};

const schemesOf = (ours: Ours): Readonly<Record<SchemeName, WebhookScheme>> => ({
  github: ours.github(),
  standard: ours.standardWebhooks(),
  stripe: ours.stripe(),
  slack: withoutHandshake(ours, ours.slack()),
});

/** A verifier that checks and reads nothing more. */
export const plainVerifier = (
  ours: Ours,
  { secret }: Delivery,
  scheme: WebhookScheme,
): WebhookVerifier => ours.createWebhookVerifier({ scheme, keys: [secret], payload: false });

export const requestOf = ({ body, headers }: Delivery, sent: WebhookHeaders = headers) => ({
  method: 'POST',
  headers: sent,
  body,
});

/** What Node gives a server: names and values in turn, those of any request among them. */
const rawHeaders = ({ headers, body }: Delivery): string[] =>
  Object.entries({
    Host: 'shop.example.com',
    'User-Agent': 'Sender/1.0 (+https://example.com/webhooks)',
    'Content-Length': String(body.length),
    Accept: '*/*',
    'Accept-Encoding': 'gzip, br',
    'X-Request-Id': '0d2b8c1e-7f0a-4c9e-9d53-6a1f5b3f2e11',
    ...headers,
    Connection: 'keep-alive',
  }).flat();

const isAccepted = (outcome: unknown): boolean => (outcome as Verdict).verdict === 'accepted';

/** The name of a column of ours. */
export const ourColumn = (scheme: SchemeName, way: 'verifySync' | 'verify' = 'verifySync') =>
  `ours: ${TITLES[scheme]}, ${way}`;

/** Our checks, each with a verifier of its own. */
export const ourCheckers = (ours: Ours): readonly Checker[] => {
  const schemes = schemesOf(ours);
  const checkersOf = (scheme: SchemeName): Checker[] => {
    const common = { scheme, accepts: isAccepted };
    const verifierOf = (delivery: Delivery) => plainVerifier(ours, delivery, schemes[scheme]);
    return [
      {
        ...common,
        name: ourColumn(scheme),
        make: (delivery) => {
          const verifier = verifierOf(delivery);
          const request = requestOf(delivery);
          return { call: () => verifier.verifySync(request) };
        },
      },
      {
        ...common,
        name: `ours: ${TITLES[scheme]}, verifySync, rawHeaders of a server`,
        make: (delivery) => {
          const verifier = verifierOf(delivery);
          const request = requestOf(delivery, rawHeaders(delivery));
          return { call: () => verifier.verifySync(request) };
        },
      },
      {
        ...common,
        name: ourColumn(scheme, 'verify'),
        make: (delivery) => {
          const verifier = verifierOf(delivery);
          const request = requestOf(delivery);
          return { call: () => verifier.verify(request) };
        },
      },
    ];
  };
  const withHandshake: Checker = {
    scheme: 'slack',
    accepts: isAccepted,
    name: 'ours: Slack, verifySync, body read for its handshake',
    make: (delivery) => {
      const verifier = plainVerifier(ours, delivery, ours.slack());
      const request = requestOf(delivery);
      return { call: () => verifier.verifySync(request) };
    },
  };
  return [...(Object.keys(TITLES) as SchemeName[]).flatMap(checkersOf), withHandshake];
};
