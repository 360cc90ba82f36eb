import { describe, expect, it } from 'vitest';
import {
  type AddressSet,
  createWebhookVerifier,
  defineScheme,
  github,
  stripe,
  type WebhookKey,
} from '../src/index.js';
import { signWebhook } from '../src/signing/index.js';
import { ManualClock } from '../src/testing/index.js';

const key = 'the secret of this webhook';
const sent = (body: string) => ({
  method: 'POST',
  ...signWebhook({ scheme: github(), key, body }),
});

describe('a set of addresses of the user’s own', () => {
  const answers: readonly unknown[] = [Promise.resolve(false), Promise.resolve(true), 'no', 1, {}];

  it.each(answers)('admits nobody by the answer %j', async (answer) => {
    const allow = { has: () => answer } as unknown as AddressSet;
    const verifier = createWebhookVerifier({ scheme: github(), keys: [key], allow });
    const verdict = await verifier.verify({ ...sent('{}'), peerAddress: '192.0.2.1' });
    expect(verdict).toMatchObject({ verdict: 'refused', reason: 'address-refused' });
  });

  it.each(answers)('makes no proxy trusted by the answer %j', async (answer) => {
    const trustedProxies = { has: () => answer } as unknown as AddressSet;
    const verifier = createWebhookVerifier({ scheme: github(), keys: [key], trustedProxies });
    const request = sent('{}');
    const headers = { ...request.headers, 'x-forwarded-for': '203.0.113.7' };
    const verdict = await verifier.verify({ ...request, headers, peerAddress: '192.0.2.1' });
    expect(verdict.clientAddress).toBe('192.0.2.1');
  });
});

describe('a body that is written into', () => {
  it('while keys are waited for, is acted on as it was verified, or not at all', async () => {
    const { method, headers, body } = sent('{"amount":1}');
    const verifier = createWebhookVerifier({ scheme: github(), keys: async () => [key] });
    for (let turns = 0; turns < 20; turns += 1) {
      const received = Buffer.from(body);
      const later = verifier.verify({ method, headers, body: received });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      received.write('{"amount":9}');
      expect(await later).toMatchObject({ verdict: 'accepted', payload: { amount: 1 } });
    }
  });
});

describe('a function that gives keys', () => {
  it('may change the list it gave before: a key taken out is out of force', () => {
    const keys: WebhookKey[] = [key, 'the secret of last year'];
    const verifier = createWebhookVerifier({ scheme: github(), keys: () => keys });
    expect(verifier.verifySync(sent('{}'))).toMatchObject({ verdict: 'accepted' });
    keys.shift();
    expect(verifier.verifySync(sent('{}'))).toMatchObject({ reason: 'signature' });
    keys.pop();
    expect(verifier.verifySync(sent('{}'))).toMatchObject({ reason: 'keys-unavailable' });
    keys.push(key);
    expect(verifier.verifySync(sent('{}'))).toMatchObject({ verdict: 'accepted' });
  });

  it('and gives none from the start is unavailable', () => {
    const verifier = createWebhookVerifier({ scheme: github(), keys: () => [] });
    expect(verifier.verifySync(sent('{}'))).toMatchObject({ reason: 'keys-unavailable' });
  });
});

describe('a request verified while another one is', () => {
  const body = '{"a":1}';
  const now = Date.UTC(2026, 8, 13);
  const genuine = { method: 'POST', ...signWebhook({ scheme: stripe(), key, body, time: now }) };
  const forged = {
    ...genuine,
    headers: { 'stripe-signature': `t=${now / 1_000},v1=${'0'.repeat(64)}` },
  };

  it.each([
    ['forged', forged, genuine, 'refused'],
    ['genuine', genuine, forged, 'accepted'],
  ] as const)('by the clock leaves it %s', (_name, outer, inner, expected) => {
    let nested = 0;
    class AskingClock extends ManualClock {
      override wallTime(): number {
        if (nested === 0) {
          nested += 1;
          verifier.verifySync(inner);
        }
        return now;
      }
    }
    const verifier = createWebhookVerifier({
      scheme: stripe(),
      keys: [key],
      clock: new AskingClock(),
    });
    expect(verifier.verifySync(outer).verdict).toBe(expected);
    expect(nested).toBe(1);
  });

  it('by a set of addresses that is asked behind the form leaves it as it is', () => {
    const scheme = defineScheme({
      ...github(),
      name: 'late-address',
      stages: [
        'request',
        'form',
        'address',
        'headerTime',
        'signature',
        'bodyTime',
        'replay',
        'payload',
      ],
    });
    const right = { ...sent(body), peerAddress: '192.0.2.1' };
    const wrong = { ...right, headers: { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` } };
    let nested = 0;
    const allow = {
      has: () => {
        nested += 1;
        if (nested === 1) verifier.verifySync(right);
        return true;
      },
    };
    const verifier = createWebhookVerifier({ scheme, keys: [key], allow });
    expect(verifier.verifySync(wrong)).toMatchObject({ reason: 'signature' });
    expect(nested).toBe(2);
  });
});
