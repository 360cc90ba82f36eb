import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { signPayTabsCallback, signPayTabsReturn } from '../src/testing/index.js';
import type { PayTabsFile } from './vectors/paytabs-cases.js';

/** What they say of verifying is in `vectors.test.ts`; here is what they say of signing. */
const vectors = JSON.parse(
  readFileSync(new URL('vector-files/paytabs-vectors.json', import.meta.url), 'utf8'),
) as PayTabsFile;

describe('PayTabs callback vectors', () => {
  it.each(vectors.callback)('$id', ({ server_key, raw_body_base64, signature_header }) => {
    const body = Buffer.from(raw_body_base64, 'base64');
    expect(signPayTabsCallback(body, server_key)).toBe(signature_header);
  });
});

describe('PayTabs return vectors', () => {
  it.each(vectors.return)('$id', ({ server_key, fields, exclude = [], signature }) => {
    const signed = Object.fromEntries(
      Object.entries(fields).filter(([name]) => !exclude.includes(name)),
    );
    expect(signPayTabsReturn(signed, server_key)).toBe(signature);
  });
});
