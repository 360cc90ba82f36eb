import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { digestBytes, type HashAlgorithm, hmac, sameBytes } from '../src/signature/hmac.js';

interface WycheproofFile {
  readonly groups: readonly {
    readonly algorithm: HashAlgorithm;
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
    for (const { tcId, key, msg, tag, result } of tests) {
      const expected = hmac(algorithm, createSecretKey(Buffer.from(key, 'hex')), [
        Buffer.from(msg, 'hex'),
      ]);
      const given = Buffer.from(tag, 'hex');
      const isCut = tagSize < digestBytes[algorithm] * 8;
      // A cut tag is never taken; that it is the head of the right one shows the HMAC all the same.
      expect(sameBytes(expected, given), `tcId ${tcId}`).toBe(!isCut && result === 'valid');
      const head = expected.subarray(0, tagSize / 8);
      expect(sameBytes(head, given), `tcId ${tcId}`).toBe(result === 'valid');
    }
  },
);
