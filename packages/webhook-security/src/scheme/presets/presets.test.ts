import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signedDelivery, withOneBitChanged } from '../../../test/support/signed-delivery.js';
import * as everything from '../../index.js';
import { ManualClock } from '../../testing/index.js';

type Make = () => everything.WebhookScheme;

const notSchemes = new Set(['defineScheme', 'createWebhookVerifier']);

/** Every function of the package that makes a scheme without being told more. */
const presets = Object.entries(everything).flatMap(([name, value]) => {
  if (typeof value !== 'function' || value.length > 0 || notSchemes.has(name)) return [];
  try {
    const scheme = (value as Make)();
    return 'versions' in scheme ? [{ name, scheme }] : [];
  } catch {
    return [];
  }
});

describe.each(presets)('$name', ({ scheme }) => {
  it('accepts what its sender signs, and says what that leaves open', async () => {
    const { verifier, request } = await signedDelivery(scheme);
    expect(await verifier.verify(request)).toMatchObject({ verdict: 'accepted', keyIndex: 0 });
    expect(scheme.unsigned.length).toBeGreaterThan(0);
  });

  it('refuses a body with one bit changed, unless only a token is sent', async () => {
    const { verifier, request } = await signedDelivery(scheme);
    const isToken = scheme.versions.some(({ algorithm }) => algorithm === 'token');
    const body = withOneBitChanged(scheme, request.body);
    const { verdict } = await verifier.verify({ ...request, body });
    expect(verdict).toBe(isToken ? 'accepted' : 'refused');
  });

  it('refuses the signature of another key', async () => {
    const other = await signedDelivery(scheme);
    const { verifier, request } = await signedDelivery(scheme);
    const changed = { ...request, headers: { ...request.headers } };
    if (scheme.signature.kind !== 'header') return;
    const { name } = scheme.signature;
    const text = (other.request.headers as Record<string, string>)[name] as string;
    (changed.headers as Record<string, string>)[name] = flipped(text);
    expect((await verifier.verify(changed)).verdict).toBe('refused');
  });
});

it.each([everything.twilio, everything.twilioJson])(
  '%o takes the algorithm of a shared key',
  (make) => {
    expect(make().versions).toMatchObject([{ algorithm: 'hmac-sha1' }]);
    expect(make({ algorithm: 'sha256' }).versions).toMatchObject([{ algorithm: 'hmac-sha256' }]);
    expect(() => make({ algorithm: 'md5' as never })).toThrow(/^algorithm is .*sha1 or sha256/);
    expect(() => make({ hash: 'sha256' } as never)).toThrow(/^hash is unknown; allowed: algorithm/);
  },
);

it('twitch reads times of nanoseconds, and answers a challenge', async () => {
  const secret = '0123456789abcdef';
  const clock = new ManualClock({ wallTime: Date.UTC(2022, 7, 14, 17, 0) });
  const verifier = everything.createWebhookVerifier({
    scheme: everything.twitch(),
    keys: [secret],
    clock,
  });
  const time = '2022-08-14T16:59:32.618908427Z';
  const verdictOn = (status: string) => {
    const body = JSON.stringify({ challenge: 'c-1', subscription: { status } });
    const mac = createHmac('sha256', secret).update(`id-1${time}${body}`).digest('hex');
    const headers = {
      'Twitch-Eventsub-Message-Id': 'id-1',
      'Twitch-Eventsub-Message-Timestamp': time,
      'Twitch-Eventsub-Message-Signature': `sha256=${mac}`,
    };
    return verifier.verify({ method: 'POST', headers, body: Buffer.from(body) });
  };
  expect(await verdictOn('enabled')).toMatchObject({ verdict: 'accepted', deliveryId: 'id-1' });
  expect(await verdictOn('webhook_callback_verification_pending')).toMatchObject({
    verdict: 'challenged',
    reply: { contentType: 'text/plain', body: 'c-1' },
  });
});

const timed = presets.filter(({ scheme }) => scheme.headerTime !== undefined);

describe.each(timed)('$name', ({ scheme }) => {
  it('refuses a time more than five minutes away', async () => {
    for (const [awayMs, reason] of [
      [301_000, 'timestamp-old'],
      [-301_000, 'timestamp-future'],
    ] as const) {
      const { verifier, clock, request } = await signedDelivery(scheme);
      clock.setWallTime(clock.wallTime() + awayMs);
      expect(await verifier.verify(request)).toMatchObject({ verdict: 'refused', reason });
    }
  });
});

/** The same form with one digit of the signature changed. */
const flipped = (text: string) => {
  const at = text.length - 3;
  return `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
};
