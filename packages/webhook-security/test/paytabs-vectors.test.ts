import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createWebhookVerifier, payTabsCallback, payTabsReturn } from '../src/index.js';
import { ManualClock, signPayTabsCallback, signPayTabsReturn } from '../src/testing/index.js';

interface CallbackVector {
  readonly id: string;
  readonly server_key: string;
  readonly raw_body_base64: string;
  readonly signature_header: string;
  readonly must_reject?: boolean;
}

interface ReturnVector {
  readonly id: string;
  readonly server_key: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly exclude?: readonly string[];
  readonly canonical_string: string;
  readonly signature: string;
  readonly wire_body: string;
  readonly alternatives?: readonly {
    readonly rule: string;
    readonly canonical_string: string;
    readonly signature: string;
  }[];
}

interface NegativeVector {
  readonly id: string;
  readonly kind: 'return' | 'callback';
  readonly server_key: string;
  readonly raw_body?: string;
  readonly raw_body_base64?: string;
  readonly signature_header?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly signature?: string | readonly string[] | null;
}

const vectors = JSON.parse(
  readFileSync(new URL('vector-files/paytabs-vectors.json', import.meta.url), 'utf8'),
) as { callback: CallbackVector[]; return: ReturnVector[]; negative: NegativeVector[] };

const clock = new ManualClock({ wallTime: Date.UTC(2026, 8, 13, 8, 20) });

function verifyCallback(key: string, body: Buffer, signature: string) {
  return createWebhookVerifier({ scheme: payTabsCallback(), keys: [key], clock }).verify({
    method: 'POST',
    headers: { 'content-type': 'application/json', Signature: signature },
    body,
  });
}

function verifyReturn(key: string, body: string, exclude: readonly string[] = []) {
  return createWebhookVerifier({ scheme: payTabsReturn({ exclude }), keys: [key], clock }).verify({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(body),
  });
}

describe('PayTabs callback vectors', () => {
  it.each(vectors.callback)('$id', async (vector) => {
    const { server_key: key, signature_header: signature } = vector;
    const body = Buffer.from(vector.raw_body_base64, 'base64');
    expect(signPayTabsCallback(body, key)).toBe(signature);
    const verdict = await verifyCallback(key, body, signature);
    expect(verdict).toMatchObject(
      vector.must_reject === true
        ? { verdict: 'refused', reason: 'body-empty' }
        : { verdict: 'accepted', keyIndex: 0 },
    );
  });
});

describe('PayTabs return vectors', () => {
  it.each(vectors.return)('$id', async (vector) => {
    const { server_key: key, fields, exclude = [], signature } = vector;
    const signed = Object.fromEntries(
      Object.entries(fields).filter(([name]) => !exclude.includes(name)),
    );
    expect(signPayTabsReturn(signed, key)).toBe(signature);
    const verdict = await verifyReturn(key, vector.wire_body, exclude);
    expect(verdict).toMatchObject({
      verdict: 'accepted',
      reading: 'tilde-encoded,zero-kept',
      payload: Object.fromEntries(Object.entries(signed).filter(([, value]) => value !== '')),
    });
  });

  const alternatives = vectors.return.flatMap(({ alternatives = [], ...vector }) =>
    alternatives.map((alternative) => ({ vector, ...alternative })),
  );

  it.each(alternatives)('$vector.id, $rule', async (alternative) => {
    const { vector, canonical_string: canonical, signature } = alternative;
    const verdict = await verifyReturn(
      vector.server_key,
      vector.wire_body.replace(vector.signature, signature),
    );
    // Two of the four known ways to differ are read; the others are refused.
    const reading = readingOf(vector.canonical_string, canonical);
    expect(verdict).toMatchObject(
      reading === undefined
        ? { verdict: 'refused', reason: 'signature' }
        : { verdict: 'accepted', reading },
    );
  });

  function readingOf(main: string, alternative: string): string | undefined {
    if (alternative === main.replaceAll('%7E', '~')) return 'tilde-bare,zero-kept';
    const withoutZeros = main
      .split('&')
      .filter((pair) => !pair.endsWith('=0'))
      .join('&');
    return alternative === withoutZeros ? 'tilde-encoded,zero-dropped' : undefined;
  }
});

describe('PayTabs negative vectors', () => {
  it.each(vectors.negative)('$id', async (vector) => {
    const verdict =
      vector.kind === 'callback'
        ? await verifyCallback(
            vector.server_key,
            vector.raw_body_base64 === undefined
              ? Buffer.from(vector.raw_body ?? '')
              : Buffer.from(vector.raw_body_base64, 'base64'),
            vector.signature_header ?? '',
          )
        : await verifyReturn(vector.server_key, formOf(vector));
    // An upper-case signature may go either way by the vectors; here it is refused.
    expect(verdict.verdict).toBe('refused');
  });

  function formOf({ fields, signature }: NegativeVector): string {
    const pairs = Object.entries(fields ?? {});
    for (const one of [signature ?? []].flat()) pairs.push(['signature', one]);
    return new URLSearchParams(pairs).toString();
  }
});
