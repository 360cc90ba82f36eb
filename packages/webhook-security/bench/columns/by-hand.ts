import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Checker } from '../support/checked.ts';
import type { Delivery } from '../support/deliveries.ts';

const TOLERANCE_S = 300;
const isTrue = (outcome: unknown): boolean => outcome === true;

const isSame = (expected: Buffer, given: Buffer): boolean =>
  expected.length === given.length && timingSafeEqual(expected, given);

const isFresh = (time: string): boolean =>
  Math.abs(Date.now() / 1000 - Number(time)) <= TOLERANCE_S;

const textKey = (secret: string): KeyObject => createSecretKey(Buffer.from(secret));

const github = ({ secret, body, headers }: Delivery) => {
  const key = textKey(secret);
  return {
    call: () => {
      const header = headers['x-hub-signature-256'];
      if (!header?.startsWith('sha256=')) return false;
      const expected = createHmac('sha256', key).update(body).digest();
      return isSame(expected, Buffer.from(header.slice(7), 'hex'));
    },
  };
};

const standard = ({ secret, body, headers }: Delivery) => {
  const key = createSecretKey(Buffer.from(secret.slice('whsec_'.length), 'base64'));
  return {
    call: () => {
      const id = headers['webhook-id'];
      const time = headers['webhook-timestamp'];
      const signatures = headers['webhook-signature'];
      if (id === undefined || time === undefined || signatures === undefined) return false;
      if (!isFresh(time)) return false;
      const expected = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest();
      return signatures
        .split(' ')
        .some(
          (entry) =>
            entry.startsWith('v1,') && isSame(expected, Buffer.from(entry.slice(3), 'base64')),
        );
    },
  };
};

const stripe = ({ secret, body, headers }: Delivery) => {
  const key = textKey(secret);
  return {
    call: () => {
      const entries = headers['stripe-signature']?.split(',') ?? [];
      const time = entries.find((entry) => entry.startsWith('t='))?.slice(2);
      if (time === undefined || !isFresh(time)) return false;
      const expected = createHmac('sha256', key).update(`${time}.`).update(body).digest();
      return entries.some(
        (entry) => entry.startsWith('v1=') && isSame(expected, Buffer.from(entry.slice(3), 'hex')),
      );
    },
  };
};

const slack = ({ secret, body, headers }: Delivery) => {
  const key = textKey(secret);
  return {
    call: () => {
      const time = headers['x-slack-request-timestamp'];
      const header = headers['x-slack-signature'];
      if (time === undefined || !header?.startsWith('v0=') || !isFresh(time)) return false;
      const expected = createHmac('sha256', key).update(`v0:${time}:`).update(body).digest();
      return isSame(expected, Buffer.from(header.slice(3), 'hex'));
    },
  };
};

const BLOCK = 64;

/** No check: an HMAC of two hashes whose results come as text. What can be reached on this machine. */
const twoHashes = ({ secret, body, headers }: Delivery) => {
  const inner = Buffer.alloc(BLOCK + body.length);
  const outer = Buffer.alloc(BLOCK + 32);
  for (let at = 0; at < BLOCK; at += 1) {
    const byte = secret.charCodeAt(at) || 0;
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  const given = headers['x-hub-signature-256'];
  return {
    call: () => {
      inner.set(body, BLOCK);
      outer.write(hash('sha256', inner, 'binary'), BLOCK, 'latin1');
      return `sha256=${hash('sha256', outer, 'hex')}` === given;
    },
  };
};

/** Checks that a careful user would write with createHmac and timingSafeEqual: a second reference. */
export const BY_HAND: readonly Checker[] = [
  {
    name: 'floor: an HMAC of two hashes as text',
    scheme: 'github',
    make: twoHashes,
    accepts: isTrue,
  },
  { name: 'floor: GitHub by hand', scheme: 'github', make: github, accepts: isTrue },
  { name: 'floor: Standard by hand', scheme: 'standard', make: standard, accepts: isTrue },
  { name: 'floor: Stripe by hand', scheme: 'stripe', make: stripe, accepts: isTrue },
  { name: 'floor: Slack by hand', scheme: 'slack', make: slack, accepts: isTrue },
];
