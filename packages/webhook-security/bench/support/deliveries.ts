import { createHmac } from 'node:crypto';

export type SchemeName = 'github' | 'standard' | 'stripe' | 'slack';

/** A signed request, as it reaches a server. */
export interface Delivery {
  /** As the sender's user is shown it. */
  readonly secret: string;
  readonly body: Buffer;
  /** The body for those who take no bytes: decoded before the time that is taken. */
  readonly text: string;
  /** Those that are needed to check it. */
  readonly headers: Readonly<Record<string, string>>;
}

const BASE64_KEY = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

const SECRETS: Readonly<Record<SchemeName, string>> = {
  github: 'It is the secret of this webhook',
  standard: `whsec_${BASE64_KEY}`,
  stripe: `whsec_${BASE64_KEY}`,
  slack: '8f742231b10e8888abcd99yyyzzz85a5',
};

const hmac = (key: string | Buffer, pieces: readonly (string | Buffer)[]) => {
  const mac = createHmac('sha256', key);
  for (const piece of pieces) mac.update(piece);
  return mac;
};

type Sign = (body: Buffer, secondsAgo: number, id: string) => Record<string, string>;

const timeText = (secondsAgo: number) => String(Math.floor(Date.now() / 1000) - secondsAgo);

/** Written from the senders' documents, not with the package: a fault of its own would not show. */
const SIGNERS: Readonly<Record<SchemeName, Sign>> = {
  github: (body) => ({
    'x-hub-signature-256': `sha256=${hmac(SECRETS.github, [body]).digest('hex')}`,
  }),
  standard: (body, secondsAgo, id) => {
    const time = timeText(secondsAgo);
    const key = Buffer.from(BASE64_KEY, 'base64');
    const signature = hmac(key, [`${id}.${time}.`, body]).digest('base64');
    return {
      'webhook-id': id,
      'webhook-timestamp': time,
      'webhook-signature': `v1,${signature}`,
    };
  },
  stripe: (body, secondsAgo) => {
    const time = timeText(secondsAgo);
    const signature = hmac(SECRETS.stripe, [`${time}.`, body]).digest('hex');
    return { 'stripe-signature': `t=${time},v1=${signature}` };
  },
  slack: (body, secondsAgo) => {
    const time = timeText(secondsAgo);
    const signature = hmac(SECRETS.slack, [`v0:${time}:`, body]).digest('hex');
    return { 'x-slack-request-timestamp': time, 'x-slack-signature': `v0=${signature}` };
  },
};

export interface DeliveryFacts {
  readonly secondsAgo?: number;
  readonly id?: string;
}

/** What a sender sends. */
export const deliver = (
  scheme: SchemeName,
  body: Buffer,
  { secondsAgo = 0, id = 'msg_2Lh9KRb0pzN4LePd3XiA4v12Axj' }: DeliveryFacts = {},
): Delivery => ({
  secret: SECRETS[scheme],
  body,
  text: body.toString(),
  headers: { 'content-type': 'application/json', ...SIGNERS[scheme](body, secondsAgo, id) },
});

/** The same with one byte of the body changed on the way. */
export const tamper = (delivery: Delivery): Delivery => {
  const body = Buffer.from(delivery.body);
  const last = body.lastIndexOf('}') - 2;
  body[last] = body[last] === 0x78 ? 0x79 : 0x78;
  return { ...delivery, body, text: body.toString() };
};
