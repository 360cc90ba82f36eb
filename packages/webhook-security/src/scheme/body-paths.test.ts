import { describe, expect, it } from 'vitest';
import { base, hintInBody, inBody, ping, signedPathsOf } from '../../test/support/own-scheme.js';
import { defineScheme } from './define-scheme.js';
import type { WebhookScheme } from './scheme.js';

describe('paths of a JSON body', () => {
  it.each<[string, Partial<WebhookScheme>]>([
    ['of signed values, alike with dots', signedPathsOf(['a.b'], ['a', 'b'])],
    ['of signed values, as long and alike with dots', signedPathsOf(['a.b', 'c'], ['a', 'b.c'])],
    ['of a signed value within a signed value', signedPathsOf(['a'], ['a', 'b'])],
    ['of a signed value deep within one named later', signedPathsOf(['a', 'b', 'c'], ['a'])],
    ['of the signature, alike with dots', inBody([{ path: ['a', 'b'] }], ['a.b'])],
    ['of the signature, within a signed value', inBody([{ path: ['a'] }], ['a', 'b'])],
    [
      'of the key hint, alike with dots',
      { ...signedPathsOf(['a', 'b']), keyHint: { kind: 'json', path: ['a.b'] } },
    ],
    [
      'of the key hint, with a signed value within',
      { ...signedPathsOf(['a', 'b']), keyHint: { kind: 'json', path: ['a'] } },
    ],
  ])('are refused where one would be read for another: %s', (_what, more) => {
    const make = () => defineScheme({ ...base, ...more });
    expect(make).toThrow(/may neither lead into each other nor be alike when joined with dots$/);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_SCHEME' }));
  });

  it.each<[string, Partial<WebhookScheme>]>([
    ['a name of lists', signedPathsOf(['a', '0'], ['a', 'length'])],
    ['what all lists have', signedPathsOf(['a', '0', 'b'], ['a', '__proto__', 'c'])],
    ['another place, named first', signedPathsOf(['a', '1'], ['a', '0'])],
    ['the signature', inBody([{ path: ['a', '0'] }], ['a', 'signature'])],
  ])('are refused where a list of one stands beside %s', (_what, more) => {
    expect(() => defineScheme({ ...base, ...more })).toThrow(
      /a step 0 goes into a list of one, beside which no other step leads on$/,
    );
  });

  const ofA = { path: ['a'], unit: 's', maxAgeMs: 1_000, maxAheadMs: 0 } as const;
  const echo = {
    kind: 'body',
    when: { path: ['a'], equals: 'ping' },
    reply: { kind: 'echo', path: ['b'] },
  } as const;

  it.each<[string, string, Partial<WebhookScheme>]>([
    ['a time', 'b', { bodyTime: ofA }],
    ['an id', 'b', { deliveryId: { kind: 'content', paths: [['b'], ['a']] } }],
    ['what asks for a handshake', 'b', { handshake: echo }],
    ['what answers a handshake', 'a', { handshake: echo }],
  ])('are refused where one leads to %s and %s alone is signed', (_what, name, more) => {
    const scheme = (...names: readonly string[]) =>
      defineScheme({ ...base, ...signedPathsOf(...names.map((one) => [one])), ...more });
    expect(() => scheme(name)).toThrow(/what is read of a JSON body beside .* must be signed$/);
    expect(scheme('a', 'b')).toMatchObject(more);
  });

  it.each<[string, Partial<WebhookScheme>]>([
    ['within one list of one', signedPathsOf(['a', '0', 'b'], ['a', '0', 'c'], ['b', '0'])],
    ['side by side', signedPathsOf(['a', 'b'], ['a', 'c'], ['d'])],
    ['one of which begins like another', signedPathsOf(['a'], ['ab'], ['a"'], ['a.b'])],
    ['signed twice', signedPathsOf(['a', 'b'], ['a', 'b'])],
    ['of a hint that is signed', { ...signedPathsOf(['hint']), keyHint: hintInBody }],
  ])('may be %s', (_what, more) => {
    expect(defineScheme({ ...base, ...more })).toMatchObject(more);
  });
});

it('a handshake that is answered with a fixed reply reads its question alone', () => {
  const scheme = { ...base, ...signedPathsOf(['type']), handshake: ping };
  expect(defineScheme(scheme).handshake).toEqual(ping);
});
