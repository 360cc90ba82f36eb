import { describe, expect, it } from 'vitest';
import { pairOf, told } from '../../test/support/signed.js';
import { defineScheme } from '../scheme/define-scheme.js';
import { github } from '../scheme/presets/github.js';
import { payTabsReturn } from '../scheme/presets/paytabs.js';
import type { SignatureVersion } from '../scheme/scheme.js';

/** With a label, as it stands before a signature in a header. */
const versions = github().versions as readonly [SignatureVersion];

describe('a signature with a label that stands in the body', () => {
  it.each([
    [
      'a form',
      defineScheme({ ...payTabsReturn(), name: 'mine', versions }),
      'a=1',
      /^a=1&signature=sha256%3D[0-9a-f]{64}$/,
    ],
    [
      'JSON',
      defineScheme({
        ...github(),
        name: 'mine',
        signature: { kind: 'json', path: ['signature'] },
        message: { kind: 'parts', parts: [{ path: ['a'] }] },
      }),
      '{"a":1}',
      /^\{"a":1,"signature":"sha256=[0-9a-f]{64}"\}$/,
    ],
  ])('is written with it: %s', (_name, scheme, body, written) => {
    const { verifier, sign } = pairOf(scheme);
    const request = sign(body);
    expect(Buffer.from(request.body).toString()).toMatch(written);
    expect(told(verifier.verifySync(request))).toBe('accepted');
  });
});
