import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  bitbucket,
  createMemoryReplayStore,
  createWebhookVerifier,
  defineScheme,
  discord,
  github,
  linear,
  payTabsCallback,
  payTabsReturn,
  shopify,
  slack,
  standardWebhooks,
  stripe,
  svix,
  twilio,
  type WebhookRequest,
  type WebhookScheme,
} from '../src/index.js';
import { PRESETS } from '../src/scheme/presets/all.js';
import { payTabsReturnBody, signPayTabsReturn } from '../src/testing/index.js';
import { hookUrl, now, pairOf, secret, told, withHeaders } from './support/signed.js';

const tenYearsMs = 315_360_000_000;

/** Schemes that sign a time in seconds, and how their request says it. */
const timed: readonly [string, WebhookScheme, string, (time: string, signed: string) => string][] =
  [
    ['standard', standardWebhooks(), 'webhook-timestamp', (time) => time],
    ['svix', svix(), 'svix-timestamp', (time) => time],
    ['slack', slack(), 'x-slack-request-timestamp', (time) => time],
    [
      'stripe',
      stripe(),
      'stripe-signature',
      (time, signed) => signed.replace(/t=[^,]*/, `t=${time}`),
    ],
  ];

describe('trap: a body', () => {
  it('that was parsed is serialised again, and no longer what was signed', () => {
    const { verifier, sign } = pairOf(github());
    const request = sign('{"b": 1, "a": 2}');
    const parsed: unknown = JSON.parse('{"b": 1, "a": 2}');
    const bodies: readonly [unknown, string][] = [
      [parsed, 'body-not-raw'],
      [JSON.stringify(parsed), 'body-not-raw'],
      [{ rawBody: request.body }, 'body-not-raw'],
      [undefined, 'body-not-raw'],
      [Buffer.from(JSON.stringify(parsed)), 'signature'],
    ];
    expect(told(verifier.verifySync(request))).toBe('accepted');
    for (const [body, reason] of bodies) {
      expect(told(verifier.verifySync({ ...request, body } as WebhookRequest))).toBe(reason);
    }
  });
});

describe('trap: a time', () => {
  it.each(timed)('that is left out is not checked: %s', (_name, scheme, header) => {
    const { verifier, sign } = pairOf(scheme);
    const { [header]: text = '', ...headers } = sign().headers;
    const rest =
      scheme.headerTime?.kind === 'entry' ? { [header]: text.replace(/t=[^,]*,/, '') } : {};
    const request = { ...sign(), headers: { ...headers, ...rest } };
    expect(told(verifier.verifySync(request))).toMatch(/^header-(missing|malformed)$/);
  });

  it('that is not signed counts all the same', () => {
    const unsignedTime = {
      ...stripe(),
      name: 'unsigned-time',
      message: { kind: 'parts', parts: ['body'] },
    } as const;
    expect(() => defineScheme(unsignedTime)).toThrow(/a header time must be signed/);
    const { verifier, sign } = pairOf(github());
    const request = withHeaders(sign(), { 'x-timestamp': '1', date: 'Thu, 01 Jan 1970' });
    expect(verifier.verifySync(request)).toMatchObject({ verdict: 'accepted', sentAt: undefined });
  });

  it('that a scheme does not sign goes without saying', () => {
    for (const make of Object.values(PRESETS)) {
      const { headerTime, bodyTime, unsigned, versions } = make();
      if (headerTime !== undefined || bodyTime !== undefined) continue;
      if (versions.some(({ algorithm }) => algorithm === 'token')) continue;
      const { name } = make();
      const says = unsigned.some((text) => text.includes('time') || text.startsWith('every value'));
      expect([name, says]).toEqual([name, true]);
    }
    const store = createMemoryReplayStore();
    const make = () =>
      createWebhookVerifier({ scheme: github(), keys: [secret], toleranceMs: 1_000 });
    expect(make).toThrow(/github signs no header time/);
    const protectedOne = pairOf(github(), { replay: { store } });
    const request = protectedOne.sign();
    expect(told(protectedOne.verifier.verifySync(request))).toBe('accepted');
    expect(told(protectedOne.verifier.verifySync(request))).toBe('replay');
  });

  it.each(timed)('that lies ahead is as good as a fresh one for as long: %s', (_name, scheme) => {
    const { verifier, sign } = pairOf(scheme);
    for (const [aheadMs, verdict] of [
      [300_000, 'accepted'],
      [301_000, 'timestamp-future'],
      [tenYearsMs, 'timestamp-future'],
    ] as const) {
      expect(told(verifier.verifySync(sign(undefined, { time: now + aheadMs })))).toBe(verdict);
    }
  });

  it.each(timed)(
    'that is no number passes every comparison: %s',
    (_name, scheme, header, write) => {
      const { verifier, sign } = pairOf(scheme);
      for (const time of ['NaN', '', 'Infinity', '-', 'null', '9'.repeat(20)]) {
        const request = sign();
        const text = write(time, request.headers[header] as string);
        const verdict = told(verifier.verifySync(withHeaders(request, { [header]: text })));
        expect(verdict).toMatch(/^header-(missing|malformed)$/);
      }
    },
  );

  it('that may lie on both sides outlives what is remembered for one tolerance', () => {
    const toleranceMs = 300_000;
    for (const keepMs of [toleranceMs, 2 * toleranceMs - 1]) {
      const replay = { store: createMemoryReplayStore(), keepMs };
      expect(() => pairOf(stripe(), { replay })).toThrow(/keepMs .* from 600000/);
    }
  });

  it('that may lie on both sides is right for two tolerances, and known for as long', async () => {
    const { verifier, sign, clock } = pairOf(stripe());
    const store = createMemoryReplayStore({ clock });
    const keeping = pairOf(stripe(), { clock, replay: { store, keepMs: 600_000 } }).verifier;
    const request = sign(undefined, { time: now + 300_000 });
    const first = keeping.verifySync(request);
    if (first.verdict === 'accepted') await first.claim.confirm();
    clock.advance(599_999);
    // Still fresh for a verifier that remembers nothing.
    expect(told(verifier.verifySync(request))).toBe('accepted');
    expect(told(keeping.verifySync(request))).toBe('replay');
    clock.advance(1_001);
    expect(told(keeping.verifySync(request))).toBe('timestamp-old');
  });

  describe.each(timed)(
    'in another spelling is the same number: %s',
    (_name, scheme, header, write) => {
      it.each<[string, (seconds: string) => string]>([
        ['a zero before it', (seconds) => `0${seconds}`],
        ['a plus', (seconds) => `+${seconds}`],
        ['letters behind it', (seconds) => `${seconds}abc`],
        ['a fraction', (seconds) => `${seconds}.0`],
        ['an exponent', (seconds) => `${seconds}e0`],
        ['a blank before it', (seconds) => ` ${seconds}`],
        ['a blank behind it', (seconds) => `${seconds} `],
        ['hexadecimal digits', (seconds) => `0x${Number(seconds).toString(16)}`],
        ['underlines', (seconds) => seconds.replace(/(...)$/, '_$1')],
      ])('%s', (_spelling, respell) => {
        const { verifier, sign } = pairOf(scheme);
        const request = sign();
        const text = write(respell(String(now / 1_000)), request.headers[header] as string);
        const asked = withHeaders(request, { [header]: text });
        expect(told(verifier.verifySync(asked))).toBe('header-malformed');
      });
    },
  );

  it('in milliseconds is guessed from its size', () => {
    for (const [, scheme, header, write] of timed) {
      const { verifier, sign } = pairOf(scheme);
      const request = sign();
      const text = write(String(now), request.headers[header] as string);
      const verdict = verifier.verifySync(withHeaders(request, { [header]: text }));
      expect(told(verdict)).toBe('timestamp-future');
    }
  });
});

describe('trap: a separator inside a signed part', () => {
  /** The signed text of an old delivery whose body began with digits and a dot, cut anew. */
  const cutAnew = (scheme: WebhookScheme, prefix: string) => {
    const { verifier, sign } = pairOf(scheme);
    const fresh = now / 1_000;
    const old = sign(`${fresh}.{"paid":true}`, { time: now - 3_600_000 });
    const request = {
      ...old,
      headers: {
        ...old.headers,
        [`${prefix}-id`]: `msg_1.${fresh - 3_600}`,
        [`${prefix}-timestamp`]: String(fresh),
      },
      body: Buffer.from('{"paid":true}'),
    };
    return { verifier, old, request };
  };

  it.each([
    ['standard', standardWebhooks(), 'webhook'],
    ['svix', svix(), 'svix'],
  ])('lets an old delivery be cut anew, with a fresh time: %s', (_name, scheme, prefix) => {
    const { verifier, old, request } = cutAnew(scheme, prefix);
    expect(told(verifier.verifySync(old))).toBe('timestamp-old');
    expect(told(verifier.verifySync(request))).toBe('header-malformed');
    // Without the rule that an id has no dot the signature is right.
    const lax = defineScheme({ ...scheme, name: 'lax', id: { header: `${prefix}-id` } });
    expect(told(pairOf(lax).verifier.verifySync(request))).toBe('accepted');
  });
});

describe('trap: metadata that is not signed', () => {
  it.each<[string, WebhookScheme, readonly string[]]>([
    ['github', github(), ['x-github-delivery', 'x-github-event', 'x-github-hook-id']],
    ['shopify', shopify(), ['x-shopify-webhook-id', 'x-shopify-topic', 'x-shopify-event-id']],
    ['linear', linear(), ['linear-delivery', 'linear-event']],
    ['stripe', stripe(), ['stripe-event-id', 'idempotency-key']],
    ['bitbucket', bitbucket(), ['x-request-uuid', 'x-hook-uuid', 'x-event-key']],
  ])(
    'names the delivery, so that a copy with another name is a new one: %s',
    (_n, scheme, names) => {
      const { verifier, sign } = pairOf(scheme, { replay: { store: createMemoryReplayStore() } });
      const copy = (value: string) =>
        verifier.verifySync(
          withHeaders(sign(), Object.fromEntries(names.map((name) => [name, value]))),
        );
      expect(told(copy('a'))).toBe('accepted');
      expect(told(copy('b'))).toBe('replay');
    },
  );

  it('is not told from what is signed', () => {
    expect(github().unsigned.join()).toMatch(/x-github-event, x-github-delivery/);
    expect(shopify().unsigned.join()).toMatch(/x-shopify-topic.*x-shopify-webhook-id/);
    expect(discord().unsigned.join()).toMatch(/every other header/);
    const { verifier, sign } = pairOf(github());
    const asked = withHeaders(sign(), { 'x-github-event': 'push' });
    const verdict = verifier.verifySync(asked);
    expect(told(verdict)).toBe('accepted');
    expect(JSON.stringify(verdict)).not.toContain('push');
  });
});

describe('trap: one key for two uses', () => {
  const fields = { tranRef: 'TST1', respStatus: 'A' };

  it('lets the signature of a return pass for that of a callback', () => {
    const canonical = Buffer.from('respStatus=A&tranRef=TST1');
    const signature = signPayTabsReturn(fields, secret);
    const request = { method: 'POST', body: canonical, headers: { signature } };
    const form = { signature, 'content-type': 'application/x-www-form-urlencoded' };
    const payload = z.object({ tran_ref: z.string() });
    const checked = pairOf(payTabsCallback(), { payload }).verifier;
    expect(told(checked.verifySync({ ...request, headers: form }))).toBe('content-type');
    expect(told(checked.verifySync(request))).toBe('payload-malformed');
    // Without a schema the bytes are what the key signed, but there is nothing in them to act on.
    expect(pairOf(payTabsCallback()).verifier.verifySync(request)).toMatchObject({
      verdict: 'accepted',
      stale: true,
      payload: undefined,
    });
  });

  it('lets a delivery of one scheme claim that of another', () => {
    const store = createMemoryReplayStore();
    for (const scheme of [github(), shopify()]) {
      const { verifier, sign } = pairOf(scheme, { replay: { store } });
      expect(told(verifier.verifySync(sign()))).toBe('accepted');
    }
    expect(store.size).toBe(2);
  });

  it('and a field that stands twice lets the signed one be read as the other', () => {
    const back = pairOf(payTabsReturn()).verifier;
    const signed = payTabsReturnBody(fields, secret).toString();
    const forms: readonly [string, string][] = [
      [signed, 'accepted'],
      [`${signed}&respStatus=D`, 'header-duplicate'],
      [`respStatus=D&${signed}`, 'header-duplicate'],
      [`${signed}&signature=${'0'.repeat(64)}`, 'header-duplicate'],
    ];
    for (const [body, verdict] of forms) {
      const request = { method: 'POST', headers: {}, body: Buffer.from(body) };
      expect(told(back.verifySync(request))).toBe(verdict);
    }
    const { verifier, sign } = pairOf(twilio(), { url: hookUrl });
    expect(told(verifier.verifySync(sign('From=1&To=2')))).toBe('accepted');
    expect(told(verifier.verifySync(sign('From=1&To=2&To=3')))).toBe('header-duplicate');
  });

  it('and names and values with nothing between are cut in another place', () => {
    const { verifier, sign } = pairOf(twilio(), { url: hookUrl });
    const request = sign('Bod=yA&To=2');
    // The same letters in a row. That is the sender's own way of signing: it can only be said.
    const moved = { ...request, body: Buffer.from('Body=A&To=2') };
    expect(told(verifier.verifySync(moved))).toBe('accepted');
    expect(twilio().unsigned.join()).toMatch(/where the name of a field ends/);
  });
});
