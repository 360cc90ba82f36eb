import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalReturn, goJson, signBytes, signReturn } from './sign.js';

interface Vectors {
  readonly callback: readonly {
    readonly id: string;
    readonly server_key: string;
    readonly raw_body_base64: string;
    readonly signature_header: string;
  }[];
  readonly return: readonly {
    readonly id: string;
    readonly server_key: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly canonical_string: string;
    readonly signature: string;
  }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../../test/vectors/paytabs-vectors.json', import.meta.url), 'utf8'),
) as Vectors;

describe('the signer', () => {
  it.each(vectors.callback.map((each) => [each.id, each] as const))(
    'signs the bytes of callback %s as published',
    (_, vector) => {
      const bytes = Buffer.from(vector.raw_body_base64, 'base64');
      expect(signBytes(vector.server_key, bytes)).toBe(vector.signature_header);
    },
  );

  // RT-14 is about a receiver that must drop its own query parameters first.
  it.each(
    vectors.return.filter((each) => each.id !== 'RT-14').map((each) => [each.id, each] as const),
  )('signs return %s as published', (_, vector) => {
    expect(canonicalReturn(vector.fields)).toBe(vector.canonical_string);
    expect(signReturn(vector.server_key, vector.fields).signature).toBe(vector.signature);
  });

  it('writes JSON as Go does', () => {
    expect(goJson({ a: 'x & <y>\u2028' })).toBe('{"a":"x \\u0026 \\u003cy\\u003e\\u2028"}');
  });
});
