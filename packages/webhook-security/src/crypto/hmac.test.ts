import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readKeys } from '../signature/keys.js';
import type { Message } from '../signature/message.js';
import type { SignatureAlgorithm } from './algorithms.js';

const secret = Buffer.from('the secret of this webhook');

/** A key as the verifier makes it. */
const keyOf = (algorithm: SignatureAlgorithm, key: Uint8Array = secret) => {
  const format = { encoding: 'utf8', minBytes: 1 } as const;
  const [ready] = readKeys([key], [{ algorithm, encoding: 'hex', key: format }]);
  if (ready?.sign === undefined) throw new Error('no secret');
  return { check: ready.check, sign: ready.sign };
};

const wanted = (hash: string, message: Message, key: Uint8Array = secret) => {
  const mac = createHmac(hash, key);
  for (const piece of message) mac.update(piece);
  return mac.digest();
};

describe.each<[SignatureAlgorithm, string]>([
  ['hmac-sha1', 'sha1'],
  ['hmac-sha256', 'sha256'],
  ['hmac-sha384', 'sha384'],
  ['hmac-sha512', 'sha512'],
])('%s', (algorithm, hash) => {
  it('is what the definition says, for secrets shorter and longer than a block', () => {
    const message = ['1757751600', '.', Buffer.from('{"a":1}')];
    for (const bytes of [2, 63, 64, 65, 127, 128, 129, 200]) {
      const key = Buffer.alloc(bytes, 'a secret');
      const { check, sign } = keyOf(algorithm, key);
      const right = wanted(hash, message, key);
      expect(Buffer.from(sign(message) as Uint8Array)).toEqual(right);
      expect(check(message, [right])).toBe(true);
    }
  });
});

describe('the HMAC of a message', () => {
  const kept = 65_536;

  it.each<[string, Message]>([
    ['nothing', []],
    ['short text outside ASCII', ['é', '.', 'ü€😀', 'ab\u0080']],
    ['short text at the end of ASCII', ['\u007f\u007e', '\u0000']],
    ['text of twelve characters and of thirteen', ['abcdefghijké', 'abcdefghijklé']],
    ['half a character', ['\ud800']],
    ['bytes that fill what is kept', [Buffer.alloc(kept, 'a')]],
    ['bytes that fill it but for the last one', [Buffer.alloc(kept - 1, 'a'), 'b']],
    ['one byte more than is kept', [Buffer.alloc(kept, 'a'), 'b']],
    ['text that is three times as long in bytes', ['€'.repeat(30_000)]],
    ['such text behind bytes', [Buffer.alloc(60_000, 'a'), '€'.repeat(4_000)]],
    ['short text that has no room', [Buffer.alloc(kept - 4, 'a'), 'é€']],
  ])('is right for %s', (_what, message) => {
    const right = wanted('sha256', message);
    const { check, sign } = keyOf('hmac-sha256');
    expect(Buffer.from(sign(message) as Uint8Array)).toEqual(right);
    expect(check(message, [right.subarray(1), right])).toBe(true);
    expect(check([...message, 'x'], [right])).toBe(false);
  });
});
