import { defineScheme, payTabsCallback, payTabsReturn, type WebhookScheme } from '../src/index.js';

const json = {
  methods: ['POST'],
  contentTypes: ['application/json', 'application/x-www-form-urlencoded'],
  content: 'json',
  algorithm: 'sha256',
  key: { encoding: 'utf8', minBytes: 1 },
  maxBytes: 1_048_576,
  repeatStatus: 409,
  unsigned: [],
} as const;

const standard = (name: string, header: string): WebhookScheme =>
  defineScheme({
    ...json,
    name,
    encoding: 'base64',
    signature: { kind: 'header', name: `${header}-signature`, label: 'v1,', separator: ' ' },
    headerTime: { kind: 'header', name: `${header}-timestamp` },
    id: { header: `${header}-id`, forbid: '.' },
    message: { kind: 'parts', parts: ['id', { text: '.' }, 'time', { text: '.' }, 'body'] },
    deliveryId: { kind: 'header' },
    key: { encoding: 'base64', prefix: 'whsec_', minBytes: 1 },
  });

/** The vectors' schemes: the presets, and others written with the builder. */
export const vectorSchemes: Readonly<Record<string, WebhookScheme>> = {
  paytabs: payTabsCallback(),
  'paytabs-return': payTabsReturn(),
  standard: standard('standard', 'webhook'),
  svix: standard('svix', 'svix'),
  github: defineScheme({
    ...json,
    name: 'github',
    encoding: 'hex',
    signature: { kind: 'header', name: 'x-hub-signature-256', label: 'sha256=' },
    message: { kind: 'parts', parts: ['body'] },
    deliveryId: { kind: 'message' },
  }),
  shopify: defineScheme({
    ...json,
    name: 'shopify',
    encoding: 'base64',
    signature: { kind: 'header', name: 'x-shopify-hmac-sha256' },
    message: { kind: 'parts', parts: ['body'] },
    deliveryId: { kind: 'message' },
  }),
  slack: defineScheme({
    ...json,
    name: 'slack',
    encoding: 'hex',
    signature: { kind: 'header', name: 'x-slack-signature', label: 'v0=' },
    headerTime: { kind: 'header', name: 'x-slack-request-timestamp' },
    message: { kind: 'parts', parts: [{ text: 'v0:' }, 'time', { text: ':' }, 'body'] },
    deliveryId: { kind: 'message' },
  }),
  stripe: defineScheme({
    ...json,
    name: 'stripe',
    encoding: 'hex',
    signature: { kind: 'header', name: 'stripe-signature', label: 'v1=', separator: ',' },
    headerTime: { kind: 'entry', label: 't=' },
    message: { kind: 'parts', parts: ['time', { text: '.' }, 'body'] },
    deliveryId: { kind: 'message' },
  }),
};
