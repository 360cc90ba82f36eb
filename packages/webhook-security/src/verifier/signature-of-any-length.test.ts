import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { base } from '../../test/support/own-scheme.js';
import { pairOf, told, withHeaders } from '../../test/support/signed.js';
import { defineScheme } from '../index.js';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

describe('a signature whose length the key decides', () => {
  const scheme = (encoding: 'hex' | 'base64') =>
    defineScheme({
      ...base,
      versions: [
        {
          algorithm: 'ecdsa-p256-sha256',
          encoding,
          key: { encoding: 'base64', minBytes: 1 },
        },
      ],
    });

  it.each(['hex', 'base64'] as const)('is read as it is written: in %s', (encoding) => {
    const { verifier, sign } = pairOf(scheme(encoding), { keys: [publicKey] });
    const request = sign('{}', { key: privateKey });
    expect(told(verifier.verifySync(request))).toBe('accepted');
    const other = encoding === 'hex' ? 'base64' : 'hex';
    const bytes = Buffer.from(request.headers['x-signature'] as string, encoding);
    const rewritten = withHeaders(request, { 'x-signature': bytes.toString(other) });
    expect(told(verifier.verifySync(rewritten))).not.toBe('accepted');
    expect(told(verifier.verifySync(withHeaders(request, { 'x-signature': 'abc' })))).toBe(
      'header-malformed',
    );
  });
});
