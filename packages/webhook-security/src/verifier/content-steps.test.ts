import { describe, expect, it } from 'vitest';
import { pairOf, told } from '../../test/support/signed.js';
import type { SchemaResult } from '../payload/standard-schema.js';
import { defineScheme } from '../scheme/define-scheme.js';
import { github } from '../scheme/presets/github.js';

it('gives no value of a JSON body away that was not signed', () => {
  const scheme = defineScheme({
    ...github(),
    name: 'mine',
    signature: { kind: 'json', path: ['signature'] },
    message: { kind: 'parts', parts: [{ path: ['data', 'id'] }, { path: ['kind'], before: '.' }] },
  });
  const { verifier, sign } = pairOf(scheme);
  const request = sign('{"data":{"id":"7","admin":true},"kind":"paid","role":"root"}');
  const verdict = verifier.verifySync(request);
  expect(told(verdict)).toBe('accepted');
  expect(JSON.stringify('payload' in verdict && verdict.payload)).toBe(
    '{"data":{"id":"7"},"kind":"paid"}',
  );
});

describe('a schema', () => {
  const schemaOf = (validate: (value: unknown) => SchemaResult<unknown>) => ({
    '~standard': { version: 1 as const, vendor: 'test', validate },
  });

  it('that answers at once is answered for at once, without a timer', () => {
    const { verifier, sign, clock } = pairOf(github(), {
      payload: schemaOf((value) => ({ value: [value] })),
    });
    expect(verifier.verifySync(sign('{"a":1}'))).toMatchObject({ payload: [{ a: 1 }] });
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not asked for what is no JSON', () => {
    const { verifier, sign } = pairOf(github(), {
      payload: schemaOf(() => {
        throw new Error('asked');
      }),
    });
    expect(told(verifier.verifySync(sign('no JSON')))).toBe('payload-malformed');
    expect(told(verifier.verifySync(sign('{}')))).toBe('payload-check-failed');
  });
});
