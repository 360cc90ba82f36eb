import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BodyGate } from '../src/adapters/body-gate.js';
import { webhookHandler } from '../src/adapters/fetch/index.js';
import { unreadBody } from '../src/adapters/unread-body.js';
import {
  createWebhookVerifier,
  github,
  payTabsReturn,
  standardWebhooks,
  twilio,
  type WebhookEvent,
} from '../src/index.js';
import { PRESETS } from '../src/scheme/presets/all.js';
import { ManualClock, payTabsReturnBody } from '../src/testing/index.js';
import { cpuMsOf } from './support/cpu-ms.js';
import { hookUrl, pairOf, secret, told, withHeaders } from './support/signed.js';

/** A body of this many pieces; counts those that were taken. */
const streamOf = (pieces: number, piece = new Uint8Array(1_000)) => {
  const taken = { pieces: 0 };
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      taken.pieces += 1;
      if (taken.pieces > pieces) controller.close();
      else controller.enqueue(piece);
    },
  });
  return { taken, stream };
};

describe('trap: a body of any length', () => {
  const post = (body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
    new Request('https://example.com/hook', {
      method: 'POST',
      body,
      headers,
      duplex: 'half',
    } as RequestInit);
  const handlerOf = (events: WebhookEvent[] = []) =>
    webhookHandler({
      verifier: pairOf(github(), { maxBytes: 10_000, observer: (event) => events.push(event) })
        .verifier,
      handler: () => undefined,
    });

  it('is read to its end before its signature is looked at', async () => {
    const { taken, stream } = streamOf(1_000_000);
    const answer = await handlerOf()(post(stream));
    expect([answer.status, await answer.text()]).toEqual([413, '{"reason":"body-too-large"}']);
    expect(taken.pieces).toBeLessThan(20);
  });

  it('says that it is short', async () => {
    const { taken, stream } = streamOf(1_000_000);
    const answer = await handlerOf()(post(stream, { 'content-length': '5' }));
    expect(answer.status).toBe(413);
    expect(taken.pieces).toBeLessThan(20);
  });

  it('is hashed, however long it is', () => {
    const { verifier, sign } = pairOf(github(), { maxBytes: 1_000 });
    expect(told(verifier.verifySync(sign('x'.repeat(1_000))))).toBe('accepted');
    expect(told(verifier.verifySync(sign('x'.repeat(1_001))))).toBe('body-too-large');
  });

  it('comes a byte at a time, for ever', async () => {
    const clock = new ManualClock();
    const gate = new BodyGate(1_000, { bodyTimeoutMs: 10_000 }, clock);
    let send = () => {};
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        send = () => controller.enqueue(new Uint8Array(1));
      },
    });
    const body = gate.collectWeb(stream, undefined);
    for (let second = 0; second < 9; second += 1) {
      send();
      await clock.advanceAsync(1_000);
    }
    await clock.advanceAsync(1_000);
    expect(await body).toBe(unreadBody('body-timeout'));
  });

  it('comes from many senders at a time', async () => {
    const gate = new BodyGate(1_000, { maxBodies: 3 }, new ManualClock());
    const silent = () => new ReadableStream<Uint8Array>();
    for (let sender = 0; sender < 3; sender += 1) void gate.collectWeb(silent(), undefined);
    expect(await gate.collectWeb(silent(), undefined)).toBe(unreadBody('server-busy'));
  });
});

describe('trap: a content encoding', () => {
  const body = '{"a":1}';

  it('is undone before the hash, which then is over other bytes', () => {
    const { verifier, sign } = pairOf(github());
    for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip', 'GZIP', 'x-unknown', '']) {
      const asked = withHeaders(sign(body), { 'content-encoding': encoding });
      expect([encoding, told(verifier.verifySync(asked))]).toEqual([encoding, 'content-encoding']);
    }
    const plain = withHeaders(sign(body), { 'content-encoding': 'identity' });
    expect(told(verifier.verifySync(plain))).toBe('accepted');
  });

  it('is kept, and the signature is over the text inside', () => {
    const { verifier, sign } = pairOf(github());
    const packed = { ...sign(body), body: gzipSync(body) };
    expect(told(verifier.verifySync(packed))).toBe('signature');
    const announced = withHeaders(packed, { 'content-encoding': 'gzip' });
    expect(told(verifier.verifySync(announced))).toBe('content-encoding');
  });

  it('of a few bytes swells to gigabytes', () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    const { verifier, sign } = pairOf(github(), { maxBytes: 10_000 });
    expect(bomb.length).toBeLessThan(10_000);
    const asked = withHeaders(sign(bomb), { 'content-encoding': 'gzip' });
    expect(told(verifier.verifySync(asked))).toBe('content-encoding');
  });
});

describe('trap: a form', () => {
  const back = pairOf(payTabsReturn()).verifier;
  const verdictOn = (body: string) =>
    back.verifySync({ method: 'POST', headers: {}, body: Buffer.from(body) });
  const signed = (fields: Record<string, string>) => payTabsReturnBody(fields, secret).toString();
  const payloadOf = (body: string) => {
    const verdict = verdictOn(body);
    expect(told(verdict)).toBe('accepted');
    return (verdict as { payload: Record<string, unknown> }).payload;
  };

  it('writes into the prototype of all objects (CVE-2022-24999)', () => {
    const fields = { tranRef: 'T', respStatus: 'A', ['__proto__']: 'x', constructor: 'y' };
    const payload = payloadOf(signed(fields));
    expect(Object.getPrototypeOf(payload)).toBeNull();
    expect(Object.keys(payload)).toEqual(['__proto__', 'constructor', 'respStatus', 'tranRef']);
    expect({}).not.toHaveProperty('x');
  });

  it('has brackets and dots that make objects and lists (CVE-2026-25150)', () => {
    const names = [
      'a[__proto__][polluted]',
      'b[]',
      'c[0]',
      'd.e.f',
      'g[constructor][prototype][x]',
    ];
    const fields = Object.fromEntries(names.map((name) => [name, '1']));
    const payload = payloadOf(signed({ tranRef: 'T', ...fields }));
    for (const name of names) expect(payload[name]).toBe('1');
    expect({}).not.toHaveProperty('polluted');
  });

  it('has a name twice, of which one is signed and the other read', () => {
    const right = signed({ tranRef: 'T', respStatus: 'D' });
    for (const more of ['respStatus=A', 'resp%53tatus=A', 'signature=0', 'respStatus']) {
      expect(told(verdictOn(`${right}&${more}`))).toBe('header-duplicate');
      expect(told(verdictOn(`${more}&${right}`))).toBe('header-duplicate');
    }
  });

  it('has more fields than anybody sends', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => `f${index}=1`).join('&');
    expect(told(verdictOn(`${signed({ tranRef: 'T' })}&${many}`))).toBe('form-malformed');
    const { verifier, sign } = pairOf(twilio(), { url: hookUrl });
    expect(told(verifier.verifySync(sign(many)))).toBe('form-malformed');
  });

  it('is JSON with keys that write into the prototype', () => {
    const { verifier, sign } = pairOf(github());
    const verdict = verifier.verifySync(sign('{"__proto__":{"polluted":1},"constructor":{}}'));
    expect(told(verdict)).toBe('accepted');
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('trap: a header', () => {
  // What goes over these from each of their places takes minutes at this length.
  const long = 300_000;
  const patterns = ['t=1,', 'v1=', ',', ' ', '=', 'v1,A ', '\t', '; ', '127.0.0.1,'];
  const schemes = Object.values(PRESETS)
    .map((preset) => preset())
    .filter(({ versions }) => versions.every(({ algorithm }) => /^(hmac|token)/.test(algorithm)));

  it.each(patterns)('has a length that a backtracking expression is slow for: %j', (pattern) => {
    const text = pattern.repeat(Math.ceil(long / pattern.length));
    const tookMs = cpuMsOf(() => {
      for (const scheme of schemes) {
        const { signature, headerTime, id } = scheme;
        const { verifier } = pairOf(scheme, { trustedProxies: ['127.0.0.1'] });
        const right = {
          ...(signature.kind === 'header' && { [signature.name]: 't=1,v1=a' }),
          ...(headerTime?.kind === 'header' && { [headerTime.name]: '1' }),
          ...(id && { [id.header]: 'msg_1' }),
        };
        for (const name of [...Object.keys(right), 'content-type', 'x-forwarded-for']) {
          const headers = { ...right, [name]: text };
          const request = { method: 'POST', headers, body: Buffer.from('{}') };
          verifier.verifySync({ ...request, peerAddress: '127.0.0.1' });
        }
      }
    });
    expect(tookMs).toBeLessThan(5_000);
  });
});

describe('trap: an error', () => {
  it('that holds the payload or the signature ends in a log', async () => {
    const events: WebhookEvent[] = [];
    const { verifier, sign } = pairOf(standardWebhooks(), {
      payload: z.object({ card: z.literal('none') }),
      observer: (event) => events.push(event),
    });
    const right = sign('{"card":"4111-1111"}');
    const signature = right.headers['webhook-signature'] as string;
    const verdicts = [
      right,
      { ...right, body: Buffer.from('{"card":"4111-1112"}') },
      { ...right, body: '{"card":"4111-1111"}' as never },
      withHeaders(right, { 'webhook-signature': `${signature}4111` }),
      withHeaders(right, { 'webhook-timestamp': '4111' }),
      sign('4111-1111 is no JSON'),
    ].map((request) => verifier.verifySync(request));
    expect(verdicts.map(told)).toEqual([
      'payload-invalid',
      'signature',
      'body-not-raw',
      'header-malformed',
      'timestamp-old',
      'payload-malformed',
    ]);
    const shown = inspect([verdicts, events], { depth: 9, showHidden: true });
    expect(shown).not.toMatch(/4111|whsec_/);
    expect(shown).not.toContain(signature.slice(3, 20));
  });
});

describe('trap: the example of the specification', () => {
  const ed25519 =
    'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';

  it('prints two signatures of two messages as one pair', () => {
    const verifier = createWebhookVerifier({
      scheme: standardWebhooks(),
      keys: ['whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='],
      clock: new ManualClock({ wallTime: 1_614_265_330_000 }),
    });
    const verdictOn = (id: string, body: string) =>
      told(
        verifier.verifySync({
          method: 'POST',
          headers: {
            'webhook-id': id,
            'webhook-timestamp': '1614265330',
            'webhook-signature': ed25519,
          },
          body: Buffer.from(body),
        }),
      );
    expect(verdictOn('msg_p5jXN8AQM9LWM0D4loKWxJek', '{"test": 2432232314}')).toBe('accepted');
    expect(verdictOn('msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', '{"test": 2432232314}')).toBe('signature');
  });

  it('is among the vectors with the other message', () => {
    const folder = new URL('vector-files/', import.meta.url);
    const cases = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map(
        (name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { cases?: object[] },
      )
      .flatMap(({ cases = [] }) => cases.map((one) => JSON.stringify(one)));
    const accepted = cases.filter((one) => one.includes(ed25519) && one.includes('"accept"'));
    expect(accepted.length).toBeGreaterThan(0);
    for (const one of accepted) expect(one).toContain('msg_p5jXN8AQM9LWM0D4loKWxJek');
  });
});
