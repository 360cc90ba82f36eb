import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ManualClock } from '@nestcms/circuit-breaker/testing';
import { describe, expect, it } from 'vitest';
import { createNotificationVerifier, createReturnVerifier } from '../../src/index.js';

type Fields = Readonly<Record<string, string>>;

interface CallbackVector {
  readonly id: string;
  readonly server_key: string;
  readonly raw_body_base64: string;
  readonly signature_header: string;
}

interface ReturnVector {
  readonly id: string;
  readonly server_key: string;
  readonly fields: Fields;
  readonly exclude?: readonly string[];
  readonly wire_body: string;
}

interface NegativeVector {
  readonly id: string;
  readonly kind: 'callback' | 'return';
  readonly server_key: string;
  readonly fields?: Fields;
  readonly signature?: string | readonly string[] | null;
  readonly raw_body?: string;
  readonly signature_header?: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../vectors/paytabs-vectors.json', import.meta.url), 'utf8'),
) as {
  readonly callback: readonly CallbackVector[];
  readonly return: readonly ReturnVector[];
  readonly negative: readonly NegativeVector[];
};

/** On the day of the vectors: none of them is old. */
const clock = new ManualClock({ wallTime: Date.UTC(2026, 8, 13, 8, 20) });
const named = <Each extends { readonly id: string }>(all: readonly Each[]) =>
  all.map((each) => [each.id, each] as const);

const verifyCallback = (key: string, body: Uint8Array, signature: string) =>
  createNotificationVerifier({ keys: [key], clock }).verify({
    method: 'POST',
    headers: { 'content-type': 'application/json', signature },
    body,
  });

const verifyReturn = (key: string, form: string, exclude: readonly string[] = []) =>
  createReturnVerifier({ keys: [key], clock, exclude }).verify({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form),
  });

/** Signed as they should be, and nothing that this package could read. */
const unreadable: Readonly<Record<string, string>> = {
  'CB-13': 'body-empty',
  'CB-14': 'payload-malformed',
};

const tranRefIn = (body: Buffer) => (JSON.parse(body.toString('utf8')) as Fields).tran_ref;

describe('a notice of the signature vectors', () => {
  it.each(named(vectors.callback))('%s', async (id, vector) => {
    const body = Buffer.from(vector.raw_body_base64, 'base64');
    const verdict = await verifyCallback(vector.server_key, body, vector.signature_header);
    expect(verdict).toMatchObject(
      unreadable[id] === undefined
        ? { verdict: 'accepted', stale: false, payload: { tranRef: tranRefIn(body) } }
        : { verdict: 'refused', reason: unreadable[id] },
    );
  });
});

describe('a return of the signature vectors', () => {
  it.each(named(vectors.return))('%s', async (_, { server_key, fields, exclude, wire_body }) => {
    expect(await verifyReturn(server_key, wire_body, exclude)).toMatchObject({
      verdict: 'accepted',
      payload: {
        tranRef: fields.tranRef,
        cartId: fields.cartId,
        status: fields.respStatus,
        responseCode: fields.respCode,
        responseMessage: fields.respMessage ?? '',
      },
    });
  });
});

describe('what the signature vectors refuse is refused', () => {
  it.each(named(vectors.negative))('%s', async (_, vector) => {
    const { kind, server_key, raw_body = '', signature_header = '' } = vector;
    const pairs = Object.entries(vector.fields ?? {});
    for (const one of [vector.signature ?? []].flat()) pairs.push(['signature', one]);
    const verdict =
      kind === 'callback'
        ? await verifyCallback(server_key, Buffer.from(raw_body), signature_header)
        : await verifyReturn(server_key, new URLSearchParams(pairs).toString());
    expect(verdict.verdict).toBe('refused');
  });
});

describe('fields of a return whose names are numbers', () => {
  const key = 'SZJNT3ST01-J6KD9M2PQR-WTHVBN7XYZ';
  const rest =
    'cartId=order-1&respCode=G1&respMessage=Authorised&respStatus=A&tranRef=TST2625600001234';
  const signedAs = (text: string) =>
    `10=b&9=a&${rest}&signature=${createHmac('sha256', key).update(text).digest('hex')}`;

  it('are signed in the order of their bytes, as all others', async () => {
    const verdict = await verifyReturn(key, signedAs(`10=b&9=a&${rest}`));
    expect(verdict).toMatchObject({
      verdict: 'accepted',
      payload: { tranRef: 'TST2625600001234' },
    });
  });

  // PHP makes such names numbers and sorts 9 before 10. No field of the gateway is named so.
  it('are refused in the order that PHP alone gives them', async () => {
    const verdict = await verifyReturn(key, signedAs(`9=a&10=b&${rest}`));
    expect(verdict).toMatchObject({ verdict: 'refused', reason: 'signature' });
  });
});
