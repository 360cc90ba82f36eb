import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { payTabsReturn, refusalStatus, type WebhookRequest } from '../src/index.js';
import { signPayTabsCallback } from '../src/testing/index.js';
import { callback, key, notice, verifierWith } from './requests.js';

const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('get');
    },
    has: () => {
      throw new Error('has');
    },
    ownKeys: () => {
      throw new Error('ownKeys');
    },
    getPrototypeOf: () => {
      throw new Error('getPrototypeOf');
    },
  },
);

function* endless(): Generator<[string, string]> {
  for (;;) yield ['a', 'b'];
}

class OddBytes extends Uint8Array {
  override get byteLength(): number {
    throw new Error('byteLength');
  }
}

const oddHeaders: readonly unknown[] = [
  undefined,
  null,
  7,
  'signature: x',
  throwing,
  endless(),
  [['signature']],
  [['signature', 'x', 'y']],
  [[throwing, throwing]],
  ['signature'],
  { signature: throwing },
  { signature: null },
  { signature: [['x']] },
  { signature: 7 },
  {
    get signature() {
      throw new Error('getter');
    },
  },
  Object.create(null),
  { 'x-forwarded-for': 7, 'content-type': 7 },
];

const oddBodies: readonly unknown[] = [
  undefined,
  null,
  '',
  '{}',
  { tran_ref: 'T' },
  [1, 2],
  new ArrayBuffer(4),
  new DataView(new ArrayBuffer(4)),
  new Uint16Array(4),
  new OddBytes(4),
  throwing,
];

describe('hostile requests', () => {
  it.each([undefined, null, 7, 'x', throwing, [], () => {}])('%#: are refused', async (request) => {
    const verdict = await verifierWith().verify(request as never);
    expect(verdict).toMatchObject({ verdict: 'refused', stage: 'request' });
  });

  it.each(oddHeaders.map((headers) => [headers]))(
    'with headers %# are refused',
    async (headers) => {
      const verifier = verifierWith({ trustedProxies: ['203.0.113.0/24'] });
      const verdict = await verifier.verify(callback(notice, { headers: headers as never }));
      expect(verdict.verdict).toBe('refused');
      expect((verdict as { reason: string }).reason).not.toBe('verifier-failed');
    },
  );

  it.each(oddBodies.map((body) => [body]))('with body %# are refused', async (body) => {
    const verdict = await verifierWith().verify(callback(notice, { body: body as never }));
    expect(verdict).toMatchObject({ verdict: 'refused', reason: 'body-not-raw' });
  });

  it('whose form is flooded with fields are refused unread', async () => {
    const verifier = verifierWith({ scheme: payTabsReturn() });
    const verify = (body: string) =>
      verifier.verify({ method: 'POST', headers: {}, body: Buffer.from(body) });
    expect(await verify('a=1&'.repeat(65))).toMatchObject({ reason: 'form-malformed' });
    expect(await verify('a=1&'.repeat(10_000))).toMatchObject({ reason: 'form-malformed' });
    expect(await verify('signature=%zz')).toMatchObject({ reason: 'form-malformed' });
    expect(await verify('signature=%a')).toMatchObject({ reason: 'form-malformed' });
    expect(await verify('&&&=&')).toMatchObject({ reason: 'header-missing' });
  });

  it('with deeply nested signed JSON do not break the reader', async () => {
    const body = Buffer.from('['.repeat(120_000));
    expect(await verifierWith().verify(callback(body))).toMatchObject({
      verdict: 'accepted',
      payload: undefined,
      deliveryId: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  it('made at random never throw, and always end in a verdict of the table', async () => {
    const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('Signature'), fc.string());
    const anyHeaders = fc.oneof(
      fc.anything(),
      fc.array(fc.tuple(anyText, anyText)),
      fc.dictionary(
        fc.constantFrom(
          'signature',
          'Signature',
          'content-type',
          'x-forwarded-for',
          'content-encoding',
        ),
        fc.oneof(anyText, fc.anything()),
      ),
    );
    const anyRequest = fc.oneof(
      { arbitrary: fc.anything(), weight: 1 },
      {
        arbitrary: fc.record(
          {
            method: fc.oneof({ arbitrary: fc.constant('POST'), weight: 5 }, fc.anything()),
            headers: anyHeaders,
            body: fc.oneof(fc.uint8Array(), fc.anything()),
            peerAddress: fc.oneof(fc.ipV4(), fc.ipV6(), fc.anything()),
          },
          { requiredKeys: [] },
        ),
        weight: 5,
      },
      {
        // Rightly signed, so that what lies behind the signature is reached with any bytes.
        arbitrary: fc
          .oneof(
            fc.uint8Array(),
            fc.json().map((text) => Buffer.from(text)),
          )
          .map((body) => ({
            method: 'POST',
            headers: { signature: signPayTabsCallback(body, key) },
            body,
          })),
        weight: 3,
      },
    );
    const reasons = new Set<string>(Object.keys(refusalStatus));
    reasons.delete('verifier-failed');
    const verifiers = [
      verifierWith({ trustedProxies: ['0.0.0.0/0', '::/0'] }),
      verifierWith({ scheme: payTabsReturn(), allow: ['::/0'] }),
    ];
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        for (const verifier of verifiers) {
          const verdict = await verifier.verify(request as WebhookRequest);
          expect(verdict.verdict !== 'refused' || reasons.has(verdict.reason)).toBe(true);
        }
      }),
      // A slow machine makes fewer runs; a verdict that never comes fails with the seed, as all else.
      { numRuns: 20_000, interruptAfterTimeLimit: 40_000, timeout: 10_000 },
    );
  }, 90_000);
});
