import { expect, it, vi } from 'vitest';
import { defineScheme } from '../src/index.js';
import { callback, notice, verifierWith } from './requests.js';

const hashed = vi.hoisted(() => ({ calls: 0 }));
const compared = vi.hoisted(() => ({ calls: 0 }));

vi.mock('node:crypto', async (importOriginal) => {
  const crypto = await importOriginal<typeof import('node:crypto')>();
  const counting = <A extends unknown[], R>(make: (...args: A) => R, count = hashed) => {
    return (...args: A): R => {
      count.calls += 1;
      return make(...args);
    };
  };
  return {
    ...crypto,
    createHmac: counting(crypto.createHmac),
    createHash: counting(crypto.createHash),
    hash: counting(crypto.hash),
    timingSafeEqual: counting(crypto.timingSafeEqual, compared),
  };
});

const withTime = defineScheme({
  name: 'timed',
  methods: ['POST'],
  contentTypes: ['application/json'],
  content: 'json',
  signature: { kind: 'header', name: 'signature' },
  versions: [{ algorithm: 'hmac-sha256', encoding: 'hex', key: { encoding: 'utf8', minBytes: 1 } }],
  headerTime: { kind: 'header', name: 'x-time' },
  message: { kind: 'parts', parts: ['time', 'body'] },
  deliveryId: { kind: 'message' },
  maxBytes: 1_000,
  repeatStatus: 409,
  unsigned: [],
});

it('hashes for a request that reaches the signature', async () => {
  const request = callback();
  hashed.calls = 0;
  await verifierWith().verify(request);
  // An HMAC is two hashes.
  expect(hashed.calls).toBe(2);
});

it.each([
  ['its size', { body: Buffer.alloc(300_000) }],
  ['its content type', { headers: [['content-type', 'text/plain']] as [string, string][] }],
  ['its address', { peerAddress: '198.51.100.1' }],
  ['a missing signature', { headers: {} }],
  ['a malformed signature', { headers: { signature: 'zz' } }],
])('hashes nothing for a request refused by %s', async (_name, more) => {
  const request = callback(notice, more);
  hashed.calls = 0;
  const verdict = await verifierWith({ allow: ['203.0.113.0/24'] }).verify(request);
  expect(verdict.verdict).toBe('refused');
  expect(hashed.calls).toBe(0);
});

it('hashes nothing for a request refused by its header time', async () => {
  const headers = { signature: '0'.repeat(64), 'x-time': '1' };
  const request = callback(notice, { headers });
  hashed.calls = 0;
  const verdict = await verifierWith({ scheme: withTime }).verify(request);
  expect(verdict).toMatchObject({ reason: 'timestamp-old', stage: 'headerTime' });
  expect(hashed.calls).toBe(0);
});

it.each([
  [
    'wrong in its first digit',
    (hex: string) => hex.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  ],
  [
    'wrong in its last digit',
    (hex: string) => hex.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
  ],
  ['right', (hex: string) => hex],
])('compares a signature that is %s in constant time', async (name, change) => {
  const { headers, ...rest } = callback();
  const signature = change(new Map(headers as [string, string][]).get('signature') ?? '');
  compared.calls = 0;
  const verdict = await verifierWith().verify({ ...rest, headers: { signature } });
  expect(verdict.verdict).toBe(name === 'right' ? 'accepted' : 'refused');
  expect(compared.calls).toBe(1);
});
