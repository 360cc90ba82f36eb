import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWebhookVerifier, type WebhookKey, type WebhookScheme } from '../../src/index.js';
import { signsUrl } from '../../src/scheme/signs-url.js';
import { signWebhook } from '../../src/signing/index.js';

export type Headers = Readonly<Record<string, string>>;

/** What is known of a request when it is signed. */
export interface Moment {
  readonly body: string;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The code of a sender, or of one who receives from it. */
export interface Peer {
  readonly scheme: WebhookScheme;
  /** What a sender keeps, and what a receiver has: the same text unless the scheme has two keys. */
  readonly key: WebhookKey;
  readonly publicKey?: WebhookKey;
  /** Bodies that fit the scheme. Default: JSON with any text in it. */
  readonly bodies?: fc.Arbitrary<string>;
  /** The address that the sender was given, whole, for a body. */
  readonly url?: (body: string) => string;
  /** Signs with the peer's code; left out where it only verifies. */
  readonly sign?: (moment: Moment) => Headers | Promise<Headers>;
  /** Whether the peer's code accepts it; an error is a refusal. */
  readonly accepts: (request: { readonly headers: Headers; readonly body: string }) => unknown;
}

/** Text that has broken signatures before, among any other. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({
    unit: fc.constantFrom('$', '&', '`', "'", '1', '%', '+', '.', '\\', '"', 'é', '😀'),
  }),
);

export const jsonBodies = text.map((one) => JSON.stringify({ text: one }));

const runs = { numRuns: 25 };

/** What they sign we accept, what we sign they accept, and what was changed neither accepts. */
export function describeInterop(name: string, peer: Peer): void {
  const { scheme, key, publicKey = key, bodies = jsonBodies, url, sign } = peer;
  const id = 'msg_1';
  const addressOf = url ?? (() => 'https://example.com/hook');

  const oursAccepts = (headers: Headers, body: string, address: string) => {
    const { origin, pathname, search } = new URL(address);
    const verifier = createWebhookVerifier({
      scheme,
      keys: [publicKey],
      ...(signsUrl(scheme) && { url: `${origin}${pathname}` }),
    });
    const request = { method: 'POST', headers, body: Buffer.from(body), url: `/hook${search}` };
    return verifier.verifySync(request).verdict === 'accepted';
  };

  const theirsAccepts = async (headers: Headers, body: string) => {
    try {
      return (await peer.accepts({ headers, body })) !== false;
    } catch {
      return false;
    }
  };

  const bothAccept = async (headers: Headers, body: string, address: string) => [
    oursAccepts(headers, body, address),
    await theirsAccepts(headers, body),
  ];

  describe(`interop with ${name}`, () => {
    it('accepts what we sign, as we do', async () => {
      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const address = addressOf(body);
          const { headers } = signWebhook({ scheme, key, body, id, url: address });
          expect(await bothAccept(headers, body, address)).toEqual([true, true]);
        }),
        runs,
      );
    });

    it.each(sign === undefined ? [] : [sign])('signs what we accept, as it does', async (sign) => {
      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const headers = await sign({ body, id, time: Date.now() });
          expect(await bothAccept(headers, body, addressOf(body))).toEqual([true, true]);
        }),
        runs,
      );
    });

    const isToken = scheme.versions.some(({ algorithm }) => algorithm === 'token');
    const changes = [{ verb: isToken ? 'accepts' : 'refuses', isAccepted: isToken }];
    it.each(changes)('$verb what was changed on its way, as we do', async ({ isAccepted }) => {
      await fc.assert(
        fc.asyncProperty(bodies, bodies, async (body, other) => {
          fc.pre(body !== other);
          const address = addressOf(body);
          const { headers } = signWebhook({ scheme, key, body, id, url: address });
          expect(await bothAccept(headers, other, address)).toEqual([isAccepted, isAccepted]);
        }),
        runs,
      );
    });
  });
}
