import { describe, expect, it } from 'vitest';
import { github, shopify, square, standardWebhooks, stripe } from '../index.js';
import { signWebhook } from '../signing/index.js';
import { diagnose } from './index.js';

const key = '0123456789abcdef0123456789abcdef';
const pretty = `{\n  "a": "é/1",\n  "b": [1, 2]\n}\n`;

const sent = (body: string | Buffer = pretty) => signWebhook({ scheme: github(), key, body });

const ask = (more: Partial<Parameters<typeof diagnose>[0]> = {}) => {
  const { headers, body } = sent();
  return diagnose({ scheme: github(), keys: [key], headers, body, ...more });
};

const received = (signed: string | Buffer, got: string | Buffer) =>
  ask({ headers: sent(signed).headers, body: Buffer.from(got) });

describe('diagnose', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(ask()).toEqual({ isRight: true, verdict: 'accepted', reason: undefined, findings: [] });
  });

  it.each<[string, string | Buffer, string | Buffer, RegExp]>([
    [
      'parsed and written anew',
      JSON.stringify({ a: 1, b: 'é' }),
      '{\n "a": 1, "b": "é" }',
      /compact JSON/,
    ],
    ['once indented', '{\n  "a": 1\n}', '{"a":1}', /indented by two spaces/],
    ['once indented by four', '{\n    "a": 1\n}', '{"a":1}', /indented by four spaces/],
    [
      'once written by Python',
      '{"a": 1, "b": [1, 2]}',
      '{"a":1,"b":[1,2]}',
      /behind colons and commas/,
    ],
    ['once in ASCII', '{"a":"\\u00e9"}', '{"a":"é"}', /escapes for all but ASCII/],
    ['once written by PHP', '{"a":"b\\/c"}', '{"a":"b/c"}', /escaped slashes/],
    [
      'once written by PHP, with escapes for all but ASCII',
      '{"a":"b\\/\\u00e9"}',
      '{"a":"b/é"}',
      /as PHP writes it/,
    ],
    ['once written by Go', '{"a":"b\\u0026\\u003c"}', '{"a":"b&<"}', /as Go writes it/],
    ['JSON with a newline', '{"a":1}', '{"a":1}\n', /newline was put behind/],
    ['JSON with another newline', '{"a":1}', '{"a":1}\r\n', /white space around the body/],
    ['JSON with a byte-order mark', '{"a":1}', '\uFEFF{"a":1}', /mark was put before/],
    ['with a byte-order mark', '{"a":"é"}x', '\uFEFF{"a":"é"}x', /mark was put before/],
    ['without its byte-order mark', '\uFEFFx', 'x', /mark was taken off/],
    ['with a newline', 'x', 'x\n', /newline was put behind/],
    ['without its newline', 'x\n', 'x', /newline behind the body was taken off/],
    ['with white space', 'x', ' x\t', /white space around the body/],
    ['with other line ends', 'x\ny\nz', 'x\r\ny\r\nz', /became CRLF/],
    ['with Unix line ends', 'x\r\ny', 'x\ny', /became LF/],
    ['encoded twice', 'xé', Buffer.from('xé').toString('latin1'), /read as Latin-1/],
    ['in Latin-1', 'xé', Buffer.from('xé', 'latin1'), /as Latin-1 in place/],
    ['still in base64', 'xyz', Buffer.from('xyz').toString('base64'), /still in base64/],
    ['not signed at all, but an empty one', '', 'xyz', /body was lost/],
  ])('finds a body that is %s', (_name, signed, got, message) => {
    const { isRight, reason, findings } = received(signed, got);
    expect([isRight, reason]).toEqual([false, 'signature']);
    expect(findings[0]).toMatch(message);
  });

  it.each<[string, string, RegExp]>([
    ['white space', `${key}\n`, /white space around the key/],
    ['base64', Buffer.from(key).toString('base64'), /decoded from base64/],
    ['hexadecimal digits', Buffer.from(key).toString('hex'), /hexadecimal digits/],
    ['a prefix', `whsec_${key}`, /behind the prefix, not decoded/],
  ])('finds a key with %s', (_name, given, message) => {
    expect(ask({ keys: ['another key', given] }).findings[0]).toMatch(message);
  });

  it('finds a key that was not to be decoded, or decoded once too often', () => {
    const secret = Buffer.from(key).toString('base64');
    const { headers, body } = signWebhook({
      scheme: standardWebhooks(),
      key: secret,
      body: 'x',
      id: 'm',
    });
    const pasted = diagnose({
      scheme: standardWebhooks(),
      keys: [`v1,whsec_${secret}`],
      headers,
      body,
    });
    expect(pasted.findings[0]).toMatch(/behind the prefix, decoded from base64/);
    const twice = Buffer.from(`whsec_${secret}`).toString('base64');
    const { findings } = diagnose({ scheme: standardWebhooks(), keys: [twice], headers, body });
    expect(findings[0]).toMatch(/encoded in base64 once more/);
  });

  it('finds another scheme', () => {
    expect(ask({ scheme: shopify() }).findings).toContainEqual(
      expect.stringMatching(/^The scheme is (github|meta)\. /),
    );
  });

  it('names no other scheme where the given one explains it', () => {
    expect(received('{"a":1}', '{"a": 1}').findings).toHaveLength(1);
  });

  it.each<[string, unknown]>([
    ['a parsed body', { body: { a: 1 } }],
    ['no body', { body: undefined }],
  ])('refuses %s by name', (_name, more) => {
    expect(() => ask(more as never)).toThrow(/^body is .*; allowed: the bytes as received/);
  });

  it('refuses options that are none', () => {
    expect(() => diagnose(undefined as never)).toThrow('options is undefined');
    expect(() => ask({ secret: key } as never)).toThrow('secret is unknown');
  });

  it('finds another address', () => {
    const url = 'https://example.com/hook';
    const { headers, body } = signWebhook({ scheme: square(), key, body: 'x', url });
    const asked = { scheme: square(), keys: [key], headers, body, url: 'http://10.0.0.1/hook' };
    expect(diagnose({ ...asked, otherUrls: [url] }).findings).toEqual([
      `The address it was signed for is ${url}.`,
    ]);
  });

  it('sets the time aside, and tells that it is too old', () => {
    const { headers, body } = signWebhook({
      scheme: stripe(),
      key,
      body: 'x',
      time: 1_600_000_000_000,
    });
    expect(diagnose({ scheme: stripe(), keys: [key], headers, body })).toEqual({
      isRight: true,
      verdict: 'refused',
      reason: 'timestamp-old',
      findings: ['Signature and key are right; it is refused as timestamp-old.'],
    });
  });

  it('finds nothing where nothing usual explains it, and never shows a key', () => {
    const diagnosis = ask({ keys: ['a key of somebody else altogether'] });
    expect(diagnosis).toMatchObject({ isRight: false, findings: [] });
    expect(JSON.stringify([diagnosis, ask({ keys: [`${key}\n`] })])).not.toContain(key);
  });
});
