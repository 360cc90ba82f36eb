import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import {
  github,
  linear,
  payTabsReturn,
  shopify,
  square,
  standardWebhooks,
  stripe,
  type WebhookScheme,
} from '../index.js';
import { signWebhook } from '../signing/index.js';
import { payTabsReturnBody, signPayTabsReturn } from '../testing/index.js';
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

  const upperCase = (header: string) =>
    header.replace(/[\da-f]{32,}/, (digits) => digits.toUpperCase());

  it.each<[string, WebhookScheme, (header: string) => string, RegExp]>([
    ['in upper case', github(), upperCase, /^the signature is right but in upper-case hexadecimal/],
    ['in upper case in a list', stripe(), upperCase, /right but in upper-case hexadecimal/],
    ['in upper case, without a label', linear(), upperCase, /right but in upper-case hexadecimal/],
    [
      'without its label',
      github(),
      (header) => header.replace('sha256=', ''),
      /^the signature is right but lost its label: .* put sha256= before it$/,
    ],
    [
      'without its label in a list',
      stripe(),
      (header) => header.replace('v1=', ''),
      /put v1= before it$/,
    ],
    [
      'in base64 without its label',
      standardWebhooks(),
      (header) => header.replace('v1,', ''),
      /put v1, before it$/,
    ],
    [
      'without its label, in upper case',
      github(),
      (header) => upperCase(header).replace('sha256=', ''),
      /put sha256= before it; .* upper-case hexadecimal/,
    ],
  ])('finds a signature that is %s, in headers of any shape', (_name, scheme, change, message) => {
    const id = scheme.id === undefined ? {} : { id: 'm' };
    const secret = scheme.id === undefined ? key : Buffer.from(key).toString('base64');
    const { headers, body } = signWebhook({ scheme, key: secret, body: '{"a":1}', ...id });
    const name = (scheme.signature as { name: string }).name;
    const changed = { ...headers, [name]: change(headers[name] as string) };
    const shapes = [changed, Object.entries(changed), Object.entries(changed).flat()];
    for (const shape of [...shapes, new Headers(changed)]) {
      const asked = { scheme, keys: [secret], headers: shape };
      const { isRight, findings } = diagnose({ ...asked, body });
      expect(isRight).toBe(false);
      const [first, what, ...rest] = (findings[0] ?? '').split('; ');
      expect(first).toBe('With keys[0]: the key is right');
      expect([what, ...rest.slice(0, -1)].join('; ')).toMatch(message);
      const other = diagnose({ ...asked, body: Buffer.from('{"a": 1}') });
      expect(other.findings[0]).toMatch(/the signature is right but .*; it was compact JSON/);
    }
  });

  it('finds the signature of a form in upper case, and of no other field', () => {
    const fields = { tranRef: 'T', respStatus: 'A', token: 'ABCDEF0123456789ABCDEF0123456789' };
    const signature = signPayTabsReturn(fields, key);
    const body = Buffer.from(
      payTabsReturnBody(fields, key).toString().replace(signature, signature.toUpperCase()),
    );
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { findings } = diagnose({ scheme: payTabsReturn(), keys: [key], headers, body });
    expect(findings[0]).toMatch(/right but in upper-case hexadecimal digits/);
  });

  it('does not take a signature that is wrong for one that was changed', () => {
    const { headers, body } = sent();
    const wrong = { 'x-hub-signature-256': 'A'.repeat(64) };
    expect(ask({ headers: wrong }).findings).toEqual([]);
    const lost = Object.values(headers)[0]?.replace('sha256=', '') as string;
    const other = Buffer.concat([body, Buffer.from('else')]);
    expect(ask({ headers: { 'x-hub-signature-256': lost }, body: other }).findings).toEqual([]);
  });

  it('finds a key whose prefix was taken off', () => {
    const signed = signWebhook({ scheme: stripe(), key: `whsec_${key}`, body: 'x' });
    expect(diagnose({ scheme: stripe(), keys: [key], ...signed }).findings[0]).toMatch(
      /^With keys\[0\]: the prefix whsec_ was taken off the key: give the whole text, with the prefix;/,
    );
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const open = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
    const scheme = standardWebhooks();
    const sealed = signWebhook({ scheme, key: privateKey, body: 'x', id: 'm' });
    expect(diagnose({ scheme, keys: [`whpk_${open}`], ...sealed }).isRight).toBe(true);
    expect(diagnose({ scheme, keys: [open], ...sealed }).findings[0]).toMatch(
      /the prefix whpk_ was taken off the key/,
    );
  });

  it('takes white space around a key that needs no prefix for what it is', () => {
    const secret = Buffer.from(key).toString('base64');
    const scheme = standardWebhooks();
    const signed = signWebhook({ scheme, key: secret, body: 'x', id: 'm' });
    const { findings } = diagnose({ scheme, keys: [`${secret}\n`], ...signed });
    expect(findings[0]).toMatch(/white space around the key/);
  });

  it('finds a key with a prefix that was to be decoded', () => {
    const secret = `whsec_${Buffer.from(key).toString('base64')}`;
    const signed = signWebhook({ scheme: stripe(), key: Buffer.from(key), body: 'x' });
    expect(diagnose({ scheme: stripe(), keys: [secret], ...signed }).findings[0]).toMatch(
      /behind the prefix, decoded from base64: give those bytes;/,
    );
    const scheme = standardWebhooks();
    const standard = signWebhook({ scheme, key: secret, body: 'x', id: 'm' });
    const { findings } = diagnose({ scheme, keys: [Buffer.from(secret)], ...standard });
    expect(findings[0]).toMatch(/text that is to be decoded: give the text itself/);
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

describe('webhook-diagnose', () => {
  it('prints how to call it when asked for help, and succeeds', async () => {
    const { argv, exitCode } = process;
    const write = () => true;
    const out = vi.spyOn(process.stdout, 'write').mockImplementation(write);
    const error = vi.spyOn(process.stderr, 'write').mockImplementation(write);
    process.argv = ['node', 'webhook-diagnose', '--help'];
    try {
      await import('./cli.js');
      expect(process.exitCode).toBe(0);
      expect(out).toHaveBeenCalledExactlyOnceWith(
        expect.stringMatching(/^webhook-diagnose --scheme NAME/),
      );
      expect(error).not.toHaveBeenCalled();
    } finally {
      process.argv = argv;
      process.exitCode = exitCode;
      vi.restoreAllMocks();
    }
  });
});
