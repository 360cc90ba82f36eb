import { gzipSync } from 'node:zlib';
import { meta, type RefusalReason, slack } from '../../src/index.js';
import { signWebhook } from '../../src/signing/index.js';
import { signPayTabsCallback } from '../../src/testing/index.js';
import type { Outgoing } from './send.js';

export const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
export const verifyToken = 'the token of the set-up';
export const now = Date.UTC(2026, 8, 13, 8, 20);
export const maxBytes = 2_000;

export const notice = JSON.stringify({
  tran_ref: 'TST2625600001234',
  profile_id: 98765,
  cart_description: 'Salt & <Pepper> \u0637\u0644\u0628',
  payment_result: { response_status: 'A', transaction_time: '2026-09-13T08:15:30Z' },
});

export function callback(body: string | Buffer = notice, more: Partial<Outgoing> = {}): Outgoing {
  const bytes = Buffer.from(body);
  return {
    headers: [
      ['content-type', 'application/json'],
      ['Signature', signPayTabsCallback(bytes, key)],
    ],
    body: bytes,
    ...more,
  };
}

export const right = callback();
const rightSignature = signPayTabsCallback(right.body, key);
export const json = ['content-type', 'application/json'] as const;
const signed = ['signature', rightSignature] as const;

const withHeader = (name: string, value: string): Outgoing => ({
  ...right,
  headers: [...right.headers, [name, value]],
});
const withType = (value: string): Outgoing => ({
  ...right,
  headers: [['content-type', value], signed],
});
const forwarded = (...lines: readonly string[]): Outgoing => ({
  ...right,
  headers: [...right.headers, ...lines.map((line) => ['X-Forwarded-For', line] as const)],
});
const filled = (bytes: number) => `${notice}${' '.repeat(bytes - Buffer.byteLength(notice))}`;

const zipped = gzipSync(notice);

/** What each adapter refuses with the same status and reason. */
export const refused: readonly [string, Outgoing, number, RefusalReason][] = [
  [
    'signed with another key',
    { ...right, headers: [json, ['signature', signPayTabsCallback(right.body, `${key}x`)]] },
    401,
    'signature',
  ],
  [
    'one byte changed',
    { ...right, body: Buffer.from(notice.replace('"A"', '"D"')) },
    401,
    'signature',
  ],
  ['one byte short', { ...right, body: right.body.subarray(0, -1) }, 401, 'signature'],
  [
    'serialised again',
    { ...right, body: Buffer.from(JSON.stringify(JSON.parse(notice), null, 2)) },
    401,
    'signature',
  ],
  [
    'a byte order mark put before',
    { ...right, body: Buffer.from(`\uFEFF${notice}`) },
    401,
    'signature',
  ],
  [
    'a byte order mark put before, in chunks',
    { ...right, body: Buffer.from(`\uFEFF${notice}`), chunked: true },
    401,
    'signature',
  ],
  [
    'a byte that is no UTF-8 in the place of a character',
    { ...right, body: Buffer.from(notice.replace('&', '\u00ff'), 'latin1') },
    401,
    'signature',
  ],
  ['a body that is no JSON, unsigned', { ...right, body: Buffer.from('<html>') }, 401, 'signature'],
  ['no body to its signature', { ...right, body: Buffer.alloc(0) }, 401, 'signature'],
  ['no signature', { ...right, headers: [json] }, 401, 'header-missing'],
  ['no header at all', { ...right, headers: [] }, 401, 'header-missing'],
  ['an empty signature', { ...right, headers: [json, ['signature', '']] }, 401, 'header-missing'],
  ['two signatures', { ...right, headers: [json, signed, signed] }, 401, 'header-duplicate'],
  [
    'two signatures in other letter case',
    { ...right, headers: [json, signed, ['SIGNATURE', rightSignature]] },
    401,
    'header-duplicate',
  ],
  [
    'two signatures in one line',
    { ...right, headers: [json, ['signature', `${rightSignature}, ${rightSignature}`]] },
    401,
    'header-malformed',
  ],
  [
    'an upper-case signature',
    { ...right, headers: [json, ['signature', rightSignature.toUpperCase()]] },
    401,
    'header-malformed',
  ],
  [
    'a short signature',
    { ...right, headers: [json, ['signature', rightSignature.slice(1)]] },
    401,
    'header-malformed',
  ],
  [
    'a signature of ten thousand digits',
    { ...right, headers: [json, ['signature', 'a'.repeat(10_000)]] },
    401,
    'header-malformed',
  ],
  ['another content type', withType('text/plain'), 415, 'content-type'],
  ['a form', withType('application/x-www-form-urlencoded'), 415, 'content-type'],
  ['a form of many parts', withType('multipart/form-data; boundary=x'), 415, 'content-type'],
  ['an unreadable content type', withType('json'), 415, 'content-type'],
  ['two content types in one line', withType('application/json, text/plain'), 415, 'content-type'],
  ['two content types', { ...right, headers: [json, json, signed] }, 415, 'content-type'],
  [
    'a content encoding that is none',
    withHeader('content-encoding', 'gzip'),
    415,
    'content-encoding',
  ],
  [
    'a body in gzip, signed before',
    { ...withHeader('content-encoding', 'gzip'), body: zipped },
    415,
    'content-encoding',
  ],
  [
    'a body in gzip, signed after',
    {
      ...callback(zipped),
      headers: [...callback(zipped).headers, ['Content-Encoding', 'gzip']],
    },
    415,
    'content-encoding',
  ],
  ['another encoding', withHeader('content-encoding', 'br'), 415, 'content-encoding'],
  ['an unknown encoding', withHeader('content-encoding', 'x'), 415, 'content-encoding'],
  ['two encodings', withHeader('content-encoding', 'identity, gzip'), 415, 'content-encoding'],
  ['an empty body, rightly signed', callback(''), 400, 'body-empty'],
  ['an empty body in chunks', callback('', { chunked: true }), 400, 'body-empty'],
  [
    'an empty body without content type',
    { ...callback(''), headers: [['signature', signPayTabsCallback(Buffer.alloc(0), key)]] },
    400,
    'body-empty',
  ],
  ['too many bytes', callback('x'.repeat(3_000)), 413, 'body-too-large'],
  [
    'too many bytes in chunks',
    callback('x'.repeat(3_000), { chunked: true }),
    413,
    'body-too-large',
  ],
  ['one byte too many', callback(filled(maxBytes + 1)), 413, 'body-too-large'],
  [
    'one byte too many in chunks',
    callback(filled(maxBytes + 1), { chunked: true }),
    413,
    'body-too-large',
  ],
  ['rightly signed, no JSON', callback('{"tran_ref":'), 400, 'payload-malformed'],
  ['rightly signed, no UTF-8', callback(Buffer.from([0x22, 0xe9, 0x22])), 400, 'payload-malformed'],
  ['rightly signed, not of the schema', callback('{"tran_ref":7}'), 422, 'payload-invalid'],
  ['rightly signed, a text alone', callback('"text"'), 422, 'payload-invalid'],
  ['of an address that is not allowed', forwarded('198.51.100.7'), 403, 'address-refused'],
  [
    'of an address that is not allowed, with an allowed one that the client wrote before it',
    forwarded('203.0.113.7, 198.51.100.7'),
    403,
    'address-refused',
  ],
  [
    'of an address that is not allowed, in a second line',
    forwarded('203.0.113.7', '198.51.100.7'),
    403,
    'address-refused',
  ],
  ['of an IPv6 address that is not allowed', forwarded('2001:db9::7'), 403, 'address-refused'],
  ['of an address that is none', forwarded('203.0.113.7.'), 403, 'address-invalid'],
  ['of an address written otherwise', forwarded('203.0.113.007'), 403, 'address-invalid'],
  ['of an unknown address', forwarded('unknown, 10.0.0.1'), 403, 'address-invalid'],
];

/** What each adapter accepts, and the address of the client that it then knows. */
export const accepted: readonly [string, Outgoing, string?][] = [
  ['as PayTabs sends it', right],
  ['in chunks', { ...right, chunked: true }],
  ['with a charset', withType('Application/JSON; charset=utf-8')],
  ['with another charset, which changes no byte', withType('application/json; charset=latin1')],
  ['with a charset that nobody knows', withType('application/json;charset=x-none')],
  ['without a content type', { ...right, headers: [signed] }],
  [
    'with a header in other letter case',
    { ...right, headers: [json, ['sIgNaTuRe', rightSignature]] },
  ],
  [
    'with blanks round a header',
    { ...right, headers: [json, ['signature', ` ${rightSignature} `]] },
  ],
  ['with the encoding that is none', withHeader('content-encoding', 'Identity')],
  ['with a byte order mark, signed', callback(`\uFEFF${notice}`)],
  ['with a trailing newline', callback(`${notice}\n`)],
  [
    'with a field named __proto__',
    callback('{"tran_ref":"T1","__proto__":{"a":1},"constructor":{"prototype":1}}'),
  ],
  ['up to the last byte allowed', callback(filled(maxBytes))],
  ['up to the last byte allowed, in chunks', callback(filled(maxBytes), { chunked: true })],
  ['with a query in the URL', { ...right, path: '/hook?x=1' }],
  ['with a proxy before it', forwarded('203.0.113.7'), '203.0.113.7'],
  [
    'with a chain of proxies, and what the client wrote before it',
    forwarded('junk, 198.51.100.7, 203.0.113.7, 10.0.0.1, 10.0.0.2'),
    '203.0.113.7',
  ],
  ['with a chain in two lines', forwarded('203.0.113.7', '10.0.0.1'), '203.0.113.7'],
  ['of an IPv6 client', forwarded('2001:DB8:0::7'), '2001:db8::7'],
  ['of an IPv4 client in IPv6', forwarded('::ffff:203.0.113.7'), '203.0.113.7'],
];

const query = (token: string, mode = 'subscribe') =>
  new URLSearchParams({
    'hub.mode': mode,
    'hub.verify_token': token,
    'hub.challenge': '<b>77 é</b>',
  }).toString();

const ask = (path: string): Outgoing => ({
  method: 'GET',
  path: `/asked${path}`,
  headers: [],
  body: Buffer.alloc(0),
});

const said = (scheme: ReturnType<typeof slack>, path: string, text: string): Outgoing => {
  const { headers, body } = signWebhook({ scheme, key, body: text, time: now });
  return { path, headers: [json, ...Object.entries(headers)], body: Buffer.from(body) };
};
const question = said(slack(), '/chat', '{"type":"url_verification","challenge":"c1 é"}');

/** Handshakes, and what shares their routes. An answer of JSON is compared as what it says. */
export const handshakes: readonly [string, Outgoing, number, unknown][] = [
  ['asked in the address', ask(`?${query(verifyToken)}`), 200, '<b>77 é</b>'],
  ['with another token', ask(`?${query('another')}`), 403, { reason: 'challenge-refused' }],
  ['with an empty token', ask(`?${query('')}`), 403, { reason: 'challenge-refused' }],
  ['of another mode', ask(`?${query(verifyToken, 'other')}`), 405, { reason: 'method' }],
  ['without a query', ask(''), 405, { reason: 'method' }],
  [
    'asked by POST',
    { ...ask(`?${query(verifyToken)}`), method: 'POST' },
    401,
    { reason: 'header-missing' },
  ],
  ['by HEAD', { ...ask(`?${query(verifyToken)}`), method: 'HEAD' }, 405, undefined],
  [
    'by HEAD, with a body',
    { ...ask(''), method: 'HEAD', headers: [json], body: Buffer.from('{}') },
    405,
    undefined,
  ],
  ['no more: a delivery', said(meta(), '/asked', '{"a":[1]}'), 200, { a: [1] }],
  ['in the body', question, 200, 'c1 é'],
  ['in the body, in chunks', { ...question, chunked: true }, 200, 'c1 é'],
  ['in the body, unsigned', { ...question, headers: [json] }, 401, { reason: 'header-missing' }],
  [
    'in the body, changed',
    { ...question, body: Buffer.from(question.body.toString().replace('c1', 'c2')) },
    401,
    { reason: 'signature' },
  ],
  [
    'in the body, of yesterday',
    {
      ...question,
      headers: question.headers.map(([name, value]) =>
        name.endsWith('timestamp') ? [name, String(now / 1_000 - 86_400)] : [name, value],
      ),
    },
    401,
    { reason: 'timestamp-old' },
  ],
];
