import { beforeEach, describe, expect, it, vi } from 'vitest';
import { webhookHandler } from '../src/adapters/lambda/index.js';
import { github, shopify, slack, standardWebhooks, stripe } from '../src/index.js';
import { pairOf, told, withHeaders } from './support/signed.js';

const compared = vi.hoisted(() => ({ lengths: [] as number[][] }));

vi.mock('node:crypto', async (importOriginal) => {
  const crypto = await importOriginal<typeof import('node:crypto')>();
  const timingSafeEqual = (left: Uint8Array, right: Uint8Array) => {
    compared.lengths.push([left.byteLength, right.byteLength]);
    return crypto.timingSafeEqual(left, right);
  };
  return { ...crypto, timingSafeEqual };
});

const hubSignature = 'x-hub-signature-256';

/** The verdict on a GitHub request whose signature was rewritten. */
const rewritten = (rewrite: (text: string) => string) => {
  const { verifier, sign } = pairOf(github());
  const request = sign();
  return verifier.verifySync(
    withHeaders(request, { [hubSignature]: rewrite(request.headers[hubSignature] as string) }),
  );
};

/** The same for Shopify, whose signature is base64. */
const rewritten64 = (rewrite: (text: string) => string) => {
  const { verifier, sign } = pairOf(shopify());
  const request = sign('{"a":2}');
  const name = 'x-shopify-hmac-sha256';
  return verifier.verifySync(
    withHeaders(request, { [name]: rewrite(request.headers[name] as string) }),
  );
};

const otherDigit = (digit: string) => (digit === '0' ? '1' : '0');

describe('trap: a compare', () => {
  beforeEach(() => {
    compared.lengths = [];
  });

  it.each([
    ['first', /(?<==)./],
    ['last', /.$/],
  ])('that ends at the first difference tells a guess wrong in its %s digit', (_place, where) => {
    expect(told(rewritten((text) => text.replace(where, otherDigit)))).toBe('signature');
    expect(compared.lengths).toEqual([[32, 32]]);
  });

  it.each([
    ['nothing', 0],
    ['one byte', 2],
    ['all but one byte', 62],
  ])('up to the shorter length takes a signature of %s', (_size, digits) => {
    expect(told(rewritten((text) => text.slice(0, 'sha256='.length + digits)))).toBe(
      'header-malformed',
    );
    expect(compared.lengths).toEqual([]);
  });

  it('up to the shorter length takes an empty `v1,` for any body (CVE-2024-21491)', () => {
    const { verifier, sign } = pairOf(standardWebhooks());
    for (const text of ['v1,', 'v1, ', 'v1,=', 'v1,====']) {
      const request = withHeaders(sign(), { 'webhook-signature': text });
      expect(told(verifier.verifySync(request))).toBe('header-malformed');
    }
    expect(compared.lengths).toEqual([]);
  });

  it('throws on unequal lengths, so that one header ends the process', () => {
    for (const rewrite of [(text: string) => `${text}00`, () => 'sha256=', () => 'sha256']) {
      expect(() => rewritten(rewrite)).not.toThrow();
    }
  });

  it('throws on a character of several bytes, which a check of the text’s length lets by', () => {
    for (const character of ['é', '😀', '\u0130', '\0']) {
      const swap = (text: string) => `${text.slice(0, -character.length)}${character}`;
      expect(told(rewritten(swap))).toBe('header-malformed');
      const { verifier, sign } = pairOf(stripe());
      const request = sign();
      const signature = swap(request.headers['stripe-signature'] as string);
      const asked = withHeaders(request, { 'stripe-signature': signature });
      expect(told(verifier.verifySync(asked))).toBe('header-malformed');
    }
  });
});

describe('trap: a lenient decoder', () => {
  it.each<[string, (text: string) => string, string]>([
    ['passes over junk between digits', (text) => text.replace(/..$/, 'zz'), 'header-malformed'],
    ['passes over blanks', (text) => text.replace('=', '= '), 'header-malformed'],
    ['stops at junk behind', (text) => `${text}zz`, 'header-malformed'],
    [
      'finds the label in any place',
      (text) => text.replace(/(.*=)(.*)/, '$2$1'),
      'signature-scheme',
    ],
    ['finds the label behind another', (text) => `sha1=0,${text}`, 'signature-scheme'],
    ['takes the label in capitals', (text) => text.replace('sha', 'SHA'), 'signature-scheme'],
    [
      'takes capitals',
      (text) => text.replace(/=.*/, (hex) => hex.toUpperCase()),
      'header-malformed',
    ],
    ['takes digits of other scripts', (text) => text.replace(/.$/, '\u0661'), 'header-malformed'],
  ])('of hexadecimal digits %s', (_name, rewrite, reason) => {
    expect(told(rewritten((text) => text))).toBe('accepted');
    expect(told(rewritten(rewrite))).toBe(reason);
  });

  it.each<[string, (text: string) => string]>([
    ['takes the alphabet for addresses', (text) => text.replaceAll('+', '-').replaceAll('/', '_')],
    ['takes missing padding', (text) => text.replace('=', '')],
    ['takes too much padding', (text) => `${text}=`],
    ['passes over spare bits', (text) => text.replace(/.(?==)/, next)],
    ['passes over blanks', (text) => `${text.slice(0, 8)} ${text.slice(8)}`],
    ['passes over line ends', (text) => `${text}\n`],
  ])('of base64 %s', (_name, rewrite) => {
    const right = rewritten64((text) => text);
    expect(told(right)).toBe('accepted');
    const changed = rewritten64((text) => {
      const spelled = rewrite(text);
      expect(spelled).not.toBe(text);
      // Node's own decoder takes each of them for the same bytes.
      expect(Buffer.from(spelled, 'base64')).toEqual(Buffer.from(text, 'base64'));
      return spelled;
    });
    expect(told(changed)).toBe('header-malformed');
  });

  /** The next character of the alphabet: it differs in the bits that are thrown away. */
  function next(character: string): string {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    return alphabet[alphabet.indexOf(character) + 1] as string;
  }
});

describe('trap: a body verified as text', () => {
  const verdictOn = (signed: Buffer, received: Buffer, scheme = github()) => {
    const { verifier, sign } = pairOf(scheme);
    return verifier.verifySync({ ...sign(signed), body: received });
  };

  it('loses a byte order mark that was put before it', () => {
    const body = Buffer.from('{"a":1}');
    for (const scheme of [github(), stripe(), slack(), standardWebhooks(), shopify()]) {
      const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
      expect(told(verdictOn(body, body, scheme))).toBe('accepted');
      expect(told(verdictOn(body, marked, scheme))).toBe('signature');
    }
  });

  it('has U+FFFD for any byte that is no UTF-8', () => {
    const signed = Buffer.from('{"a":"\uFFFD"}');
    const swapped = Buffer.from('{"a":"\xff"}', 'latin1');
    expect(swapped.toString('utf8')).toBe(signed.toString('utf8'));
    expect(told(verdictOn(signed, signed))).toBe('accepted');
    expect(told(verdictOn(signed, swapped))).toBe('signature');
  });

  it('refuses a genuine one that is no UTF-8', () => {
    const body = Buffer.from('name=\xe9\xff', 'latin1');
    for (const scheme of [github(), stripe(), slack(), standardWebhooks(), shopify()]) {
      expect(told(verdictOn(body, body, scheme))).toBe('accepted');
    }
  });

  it.each(['$$', '$&', '$1', '$`', "$'", '{0}', '%s', '{{body}}'])(
    'and put into a template reads %s in it',
    (mark) => {
      const body = Buffer.from(`{"price":"${mark}"}`);
      for (const scheme of [standardWebhooks(), stripe(), slack()]) {
        expect(told(verdictOn(body, body, scheme))).toBe('accepted');
      }
    },
  );

  it('and put into a template takes a signed $ doubled', () => {
    const doubled = Buffer.from('{"price":"$$5"}');
    expect(told(verdictOn(Buffer.from('{"price":"$5"}'), doubled, standardWebhooks()))).toBe(
      'signature',
    );
  });
});

describe('trap: a platform', () => {
  const body = '{"city":"Zürich 😀"}';
  const handlerOf = () => {
    const { verifier, sign } = pairOf(github());
    const handler = webhookHandler({ verifier, handler: ({ verdict }) => verdict.payload });
    return { handler, ...sign(body) };
  };
  const post = { httpMethod: 'POST', path: '/hook' };

  it('hands the body on as base64, which is no text of the body', async () => {
    const { handler, headers } = handlerOf();
    const base64 = Buffer.from(body).toString('base64');
    const answer = await handler({ ...post, headers, body: base64, isBase64Encoded: true }, {});
    expect([answer.statusCode, answer.body]).toEqual([200, body]);
    // As ASCII the same bytes would be others.
    expect(Buffer.from(base64, 'base64').toString('ascii')).not.toBe(body);
  });

  it('hands headers on in lists', async () => {
    const { handler, headers } = handlerOf();
    const multiValueHeaders = { [hubSignature]: [headers[hubSignature] as string] };
    const right = await handler({ ...post, multiValueHeaders, body }, {});
    expect(right.statusCode).toBe(200);
    const twice = [headers[hubSignature] as string, headers[hubSignature] as string];
    const wrong = await handler(
      { ...post, multiValueHeaders: { [hubSignature]: twice }, body },
      {},
    );
    expect([wrong.statusCode, wrong.body]).toEqual([401, '{"reason":"header-duplicate"}']);
  });

  it('hands headers on joined to one text', async () => {
    const { handler, headers } = handlerOf();
    const text = headers[hubSignature] as string;
    const joined = { [hubSignature]: `${text}, ${text}` };
    const answer = await handler({ ...post, headers: joined, body }, {});
    expect([answer.statusCode, answer.body]).toEqual([401, '{"reason":"header-malformed"}']);
  });
});
