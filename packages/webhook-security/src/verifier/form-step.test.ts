import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pairOf, secret, told, withHeaders } from '../../test/support/signed.js';
import {
  adyen,
  defineScheme,
  github,
  type KeySource,
  payTabsReturn,
  sendGrid,
  standardWebhooks,
  stripe,
  twilio,
  twitch,
  type WebhookScheme,
} from '../index.js';

const plain: WebhookScheme = {
  name: 'plain',
  methods: ['POST'],
  contentTypes: ['application/json'],
  content: 'json',
  signature: { kind: 'header', name: 'x-signature' },
  versions: [
    { algorithm: 'hmac-sha256', encoding: 'hex', key: { encoding: 'utf8', minBytes: 16 } },
  ],
  message: { kind: 'parts', parts: ['body'] },
  deliveryId: { kind: 'message' },
  maxBytes: 65_536,
  repeatStatus: 200,
  unsigned: [],
};

const schemeWith = (more: Partial<WebhookScheme>) => defineScheme({ ...plain, ...more });

/** A function of keys, and the hints that it was given. */
function listeningKeys() {
  const hints: (string | undefined)[] = [];
  const keys: KeySource = ({ hint }) => {
    hints.push(hint);
    return [secret];
  };
  return { hints, keys };
}

/** An elliptic curve's key pair: fast to make, and its signatures have no fixed length. */
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

describe('the form of the headers', () => {
  it.each(['x-key-id', 'content-encoding'])('hints at a key with %s', (name) => {
    const { hints, keys } = listeningKeys();
    const scheme = schemeWith({ keyHint: { kind: 'header', name } });
    const { verifier, sign } = pairOf(scheme, { keys });
    const request = sign('{}', { headers: { [name]: 'identity' } });
    expect(told(verifier.verifySync(request))).toBe('accepted');
    expect(hints).toEqual(['identity']);
  });

  it('hints at no key where the scheme has no header for that', () => {
    const { hints, keys } = listeningKeys();
    const { verifier, sign } = pairOf(schemeWith({}), { keys });
    const request = withHeaders(sign(), { 'content-encoding': 'identity' });
    expect(told(verifier.verifySync(request))).toBe('accepted');
    expect(hints).toEqual([undefined]);
  });

  it('takes any id where the scheme forbids nothing in it', () => {
    const { verifier, sign } = pairOf(twitch());
    const verdict = verifier.verifySync(sign('{}', { id: 'undefined' }));
    expect(verdict).toMatchObject({ verdict: 'accepted', deliveryId: 'undefined' });
  });

  it('tells a header that is no text from one that stands twice', () => {
    const { verifier, sign } = pairOf(github());
    const request = sign();
    const verify = (value: unknown) =>
      told(
        verifier.verifySync({ ...request, headers: { 'x-hub-signature-256': value as string } }),
      );
    expect(verify(request.headers['x-hub-signature-256'])).toBe('accepted');
    expect(verify(42)).toBe('header-malformed');
    expect(verify(['a', 'b'])).toBe('header-duplicate');
    expect(verify([42, 42])).toBe('header-duplicate');
  });
});

describe('the form of the signatures', () => {
  it('is 32 entries at most', () => {
    const { verifier, sign } = pairOf(standardWebhooks());
    const request = sign();
    const verify = (others: number) => {
      const list = `${'v2,x '.repeat(others)}${request.headers['webhook-signature']}`;
      return told(verifier.verifySync(withHeaders(request, { 'webhook-signature': list })));
    };
    expect(verify(31)).toBe('accepted');
    expect(verify(32)).toBe('header-malformed');
  });

  it('is refused at once where no entry is of a version that is known', () => {
    const { verifier, sign } = pairOf(github());
    const request = withHeaders(sign(), { 'x-hub-signature-256': 'sha1=00' });
    expect(verifier.verifySync(request)).toMatchObject({
      reason: 'signature-scheme',
      stage: 'form',
    });
  });

  it('is strict for each entry', () => {
    const { verifier, sign } = pairOf(stripe());
    const request = sign();
    const list = `${request.headers['stripe-signature']},v1=00`;
    expect(told(verifier.verifySync(withHeaders(request, { 'stripe-signature': list })))).toBe(
      'header-malformed',
    );
  });

  it('is a token that ends where its entry does, behind its label', () => {
    const scheme = schemeWith({
      signature: { kind: 'header', name: 'x-token', separator: ' ' },
      versions: [
        {
          label: 'token=',
          algorithm: 'token',
          encoding: 'text',
          key: { encoding: 'utf8', minBytes: 16 },
        },
      ],
    });
    const { verifier, sign } = pairOf(scheme);
    const verify = (text: string) =>
      told(verifier.verifySync(withHeaders(sign(), { 'x-token': text })));
    expect(verify(`token=${secret} other=1`)).toBe('accepted');
    expect(verify(`token=${secret}1`)).toBe('signature');
  });

  it('is read behind its label where its length is not known before', () => {
    const [version] = sendGrid().versions;
    const scheme = schemeWith({
      versions: [{ ...(version as WebhookScheme['versions'][number]), label: 'es256=' }],
    });
    const { verifier, sign } = pairOf(scheme, { keys: [publicKey] });
    const request = sign('{}', { key: privateKey });
    const verify = (signature: string) =>
      told(verifier.verifySync(withHeaders(request, { 'x-signature': `es256=${signature}` })));
    expect(told(verifier.verifySync(request))).toBe('accepted');
    expect(verify('A'.repeat(2_048))).toBe('signature');
    expect(verify('A'.repeat(2_052))).toBe('header-malformed');
    expect(verify('A')).toBe('header-malformed');
  });
});

describe('signatures', () => {
  const scheme = schemeWith({ signature: { kind: 'header', name: 'x-signature', separator: ',' } });
  const wrong = '0'.repeat(64);

  it('of one request are all looked at', () => {
    const { verifier, sign } = pairOf(scheme);
    const request = sign();
    const right = request.headers['x-signature'];
    const verify = (...list: unknown[]) =>
      told(verifier.verifySync(withHeaders(request, { 'x-signature': list.join(',') })));
    expect(verify(right, wrong)).toBe('accepted');
    expect(verify(wrong, right)).toBe('accepted');
    expect(verify(right, wrong, wrong)).toBe('accepted');
    expect(verify(wrong, wrong)).toBe('signature');
    expect(verify(right, '00')).toBe('header-malformed');
  });

  it('of two requests are kept apart while keys are waited for', async () => {
    const { verifier, sign } = pairOf(scheme, { keys: async () => [secret] });
    const right = sign();
    const forged = withHeaders(right, { 'x-signature': wrong });
    const verdicts = await Promise.all(
      [forged, right, forged].map((request) => verifier.verify(request)),
    );
    expect(verdicts.map(told)).toEqual(['signature', 'accepted', 'signature']);
  });
});

describe('a signature in a form', () => {
  const { verifier, sign } = pairOf(payTabsReturn());
  const verify = (body: string) =>
    told(verifier.verifySync({ method: 'POST', headers: {}, body: Buffer.from(body) }));

  it('is one field of a form that can be read', () => {
    expect(told(verifier.verifySync(sign('tranRef=T1&respStatus=A')))).toBe('accepted');
    expect(verify('tranRef=%&signature=00')).toBe('form-malformed');
    expect(verify('tranRef=T1&signature=00')).toBe('header-malformed');
  });

  it('may be left out by an error, which is told apart', () => {
    expect(verify('tranRef=T1&respStatus=E')).toBe('unsigned-error');
    expect(verify('tranRef=T1&respStatus=E&signature=')).toBe('unsigned-error');
    expect(verify('tranRef=T1&respStatus=A')).toBe('header-missing');
    expect(verify('tranRef=E&respStatus=A')).toBe('header-missing');
  });

  it('may not be left out where the scheme knows no such error', () => {
    const scheme = schemeWith({
      contentTypes: ['application/x-www-form-urlencoded'],
      content: 'form',
      signature: { kind: 'field', name: 'signature', maxFields: 10, exclude: [] },
      message: { kind: 'form', readings: [{ name: 'php', tilde: 'encoded', zero: 'kept' }] },
    });
    const pair = pairOf(scheme);
    const request = { ...pair.sign('a=1'), body: Buffer.from('a=1') };
    expect(told(pair.verifier.verifySync(pair.sign('a=1')))).toBe('accepted');
    expect(told(pair.verifier.verifySync(request))).toBe('header-missing');
  });
});

describe('a signature in a JSON body', () => {
  const scheme = schemeWith({
    signature: { kind: 'json', path: ['signature'] },
    keyHint: { kind: 'json', path: ['key'] },
    message: {
      kind: 'parts',
      parts: [
        { path: ['id'], forbid: ':' },
        { text: ':' },
        { path: ['note'], optional: true },
        { text: ':' },
        { path: ['kind'] },
      ],
    },
  });
  const verify = (body: string | Buffer) =>
    told(
      pairOf(scheme).verifier.verifySync({ method: 'POST', headers: {}, body: Buffer.from(body) }),
    );

  it('comes with a hint at the key', () => {
    const { hints, keys } = listeningKeys();
    const { verifier, sign } = pairOf(scheme, { keys });
    expect(told(verifier.verifySync(sign('{"id":1,"kind":"paid","key":"k1"}')))).toBe('accepted');
    expect(told(verifier.verifySync(sign('{"id":1,"kind":"paid"}')))).toBe('accepted');
    expect(hints).toEqual(['k1', undefined]);
  });

  it('is there, in a body that can be read', () => {
    expect(verify('{"id":1,"kind":"paid"}')).toBe('header-missing');
    expect(verify('{"id":1,"kind":"paid","signature":""}')).toBe('header-missing');
    expect(verify('{"id":1,"kind":"paid","signature":"00"}')).toBe('header-malformed');
    expect(verify('{"id":1,')).toBe('form-malformed');
    expect(verify(Buffer.from([0x22, 0xff, 0x22]))).toBe('form-malformed');
  });

  it('goes with every value that is signed, none of which could be cut elsewhere', () => {
    const signature = `"signature":"${'0'.repeat(64)}"`;
    expect(verify(`{"id":1,"kind":"paid",${signature}}`)).toBe('signature');
    expect(verify(`{"id":1,${signature}}`)).toBe('form-malformed');
    expect(verify(`{"id":"1:2","kind":"paid",${signature}}`)).toBe('form-malformed');
  });

  it('is refused as malformed with an answer of its own', () => {
    const request = { method: 'POST', headers: {}, body: Buffer.from('[') };
    const verifier = pairOf(adyen(), { keys: ['0'.repeat(31) + '1'.repeat(33)] }).verifier;
    expect(verifier.verifySync(request)).toEqual({
      verdict: 'refused',
      reason: 'form-malformed',
      stage: 'form',
      status: 400,
      clientAddress: undefined,
    });
  });

  it('covers any text where the scheme forbids none', () => {
    const { verifier, sign } = pairOf(scheme);
    const body = '{"id":1,"note":"a:b undefined","kind":"undefined"}';
    expect(told(verifier.verifySync(sign(body)))).toBe('accepted');
  });
});

describe('pairs of a form', () => {
  it('are read strictly, and each name once', () => {
    const { verifier, sign } = pairOf(twilio());
    expect(told(verifier.verifySync(sign('a=1&b=2')))).toBe('accepted');
    expect(told(verifier.verifySync({ ...sign('a=1'), body: Buffer.from('a=%') }))).toBe(
      'form-malformed',
    );
    expect(told(verifier.verifySync({ ...sign('a=1'), body: Buffer.from('a=1&a=1') }))).toBe(
      'header-duplicate',
    );
  });

  it('are looked for only where they are signed', () => {
    const { verifier, sign } = pairOf(github());
    expect(told(verifier.verifySync(sign('"100 % & 100 % & 100"')))).toBe('accepted');
  });
});
