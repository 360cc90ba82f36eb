import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type AlgorithmFacts, algorithms } from '../src/crypto/algorithms.js';
import { hmacKey } from '../src/crypto/hmac.js';

interface WycheproofFile {
  readonly groups: readonly {
    readonly algorithm: 'sha256' | 'sha384' | 'sha512';
    readonly keySize: number;
    readonly tagSize: number;
    readonly tests: readonly {
      readonly tcId: number;
      readonly key: string;
      readonly msg: string;
      readonly tag: string;
      readonly result: 'valid' | 'invalid';
    }[];
  }[];
}

const file = JSON.parse(
  readFileSync(new URL('vectors/hmac-wycheproof.json', import.meta.url), 'utf8'),
) as WycheproofFile;

it.each(file.groups)(
  'Wycheproof $algorithm, $keySize bit key, $tagSize bit tag',
  ({ algorithm, tagSize, tests }) => {
    const facts = algorithms[`hmac-${algorithm}`] as Extract<AlgorithmFacts, { kind: 'hmac' }>;
    for (const { tcId, key, msg, tag, result } of tests) {
      const given = Buffer.from(tag, 'hex');
      const isCut = tagSize < facts.bytes * 8;
      const { check, sign } = hmacKey(facts, Buffer.from(key, 'hex'));
      for (const message of waysToGive(Buffer.from(msg, 'hex'))) {
        // A cut tag is never taken; that it is the head of the right one shows the HMAC all the same.
        expect(check(message, [given]), `tcId ${tcId}`).toBe(!isCut && result === 'valid');
        const head = sign(message).subarray(0, tagSize / 8);
        expect(given.equals(head), `tcId ${tcId}`).toBe(result === 'valid');
      }
    }
  },
);

/** Whole, in pieces, and after so much else that another way of hashing is taken. */
function waysToGive(message: Buffer): Buffer[][] {
  return [[message], [message.subarray(0, 1), message.subarray(1)]];
}
