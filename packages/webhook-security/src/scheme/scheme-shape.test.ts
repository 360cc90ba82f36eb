import { describe, expect, it } from 'vitest';
import {
  base,
  inBody,
  ping,
  signedPathsOf,
  versionsWith,
  versionWith,
} from '../../test/support/own-scheme.js';
import { defineScheme } from './define-scheme.js';
import type { WebhookScheme } from './scheme.js';

describe('defineScheme, given what the types forbid', () => {
  const { versions: _versions, ...withoutVersions } = base;

  it.each<[unknown, RegExp]>([
    [undefined, /^scheme undefined: must be an object$/],
    [null, /must be an object/],
    ['paytabs', /must be an object/],
    [{}, /^scheme undefined: name must be a text/],
    [{ ...base, name: 7 }, /^scheme number: name must be a text/],
    [{ ...base, signature: { kind: 'header', name: '' } }, /signature\.name must be a/],
    [{ ...base, unsigned: [''] }, /unsigned\[0\] must be a text that is not empty$/],
    [{ ...base, maxBytes: 67_108_865 }, /maxBytes must be a whole number from 1 to 67108864$/],
    [
      { ...base, versions: versionsWith({ label: 'a=' }, { label: 'b=', encoding: 'text' }) },
      /the encoding text is for tokens, and for them alone/,
    ],
    [withoutVersions, /versions must be a list/],
    [{ ...base, ...versionWith({ algorithm: 'md5' as never }) }, /algorithm must be one of/],
    [{ ...base, ...versionWith({ algorithm: 'toString' as never }) }, /algorithm must be one of/],
    [{ ...base, headertime: base.headerTime }, /headertime is unknown/],
    [{ ...base, methods: 'POST' }, /methods must be a list/],
    ...['post', 'aPOST', 'POSTa'].map((method): [unknown, RegExp] => [
      { ...base, methods: [method] },
      /methods\[0\] must be a method in capitals$/,
    ]),
    [{ ...base, contentTypes: ['Text/XML'] }, /contentTypes\[0\] must be a media type/],
    [{ ...base, contentTypes: ['text/xml;a=b'] }, /contentTypes\[0\] must be a media type/],
    [
      { ...base, contentTypes: [7] },
      /contentTypes\[0\] must be a media type in lower case, without/,
    ],
    [{ ...base, signature: undefined }, /signature\.kind must be one of: header, field/],
    [{ ...base, signature: { kind: 'constructor' } }, /signature\.kind must be one of/],
    [{ ...base, signature: { kind: 'header' } }, /signature\.name must be a text/],
    [{ ...base, message: { kind: 'parts', parts: ['body', 'uri'] } }, /message\.parts\[1\] must/],
    [{ ...base, message: { kind: 'parts', parts: ['body', null] } }, /message\.parts\[1\] must/],
    [{ ...base, bodyTime: { path: ['time'], maxAgeMs: 1 } }, /bodyTime\.maxAgeMs must be a whole/],
    [{ ...base, ...signedPathsOf('a' as never) }, /parts\[0\]\.path must be a list/],
    [{ ...base, ...signedPathsOf([]) }, /parts\[0\]\.path must be a list/],
    [
      { ...base, ...inBody([{ path: ['a'], optional: 'no' as never }]) },
      /parts\[0\]\.optional must be one of: true, false$/,
    ],
    [
      { ...base, headerTime: { kind: 'header', name: 'x-time', unit: 'm' } },
      /headerTime\.unit must be one of: s, ms, iso$/,
    ],
    [{ ...base, handshake: { kind: 'body' } }, /handshake\.when must be an object/],
    [
      { ...base, handshake: { kind: 'query', method: 'PUT', echo: 'challenge' } },
      /handshake\.method must be one of: GET, POST$/,
    ],
    ...[true, null, {}].map((equals): [unknown, RegExp] => [
      { ...base, handshake: { ...ping, when: { path: ['type'], equals } } },
      /handshake\.when\.equals must be a text or a number$/,
    ]),
    ...['pong', 7, null, { type: {} }, { type: 1, more: {} }].map((value): [unknown, RegExp] => [
      { ...base, handshake: { ...ping, reply: { kind: 'json', value } } },
      /handshake\.reply\.value must be an object of texts and numbers$/,
    ]),
    [{ ...base, maxBytes: 0 }, /maxBytes must be a whole number from 1/],
    [{ ...base, repeatStatus: 302 }, /repeatStatus must be one of: 200, 409/],
    [{ ...base, unsigned: undefined }, /unsigned must be a list/],
  ])('refuses %j', (scheme, message) => {
    const make = () => defineScheme(scheme as WebhookScheme);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_SCHEME' }));
  });
});

describe('defineScheme, given what changes or hides', () => {
  const timed: WebhookScheme = {
    ...base,
    message: { kind: 'parts', parts: ['time', 'body'] },
    headerTime: { kind: 'header', name: 'x-time' },
  };
  const { headerTime, ...untimed } = timed;

  it('looks at nothing that its copy lacks', () => {
    const inherited = Object.assign(Object.create({ headerTime }), untimed);
    expect(() => defineScheme(inherited)).toThrow(/a signed time must be read/);
    expect(() => defineScheme(Object.create(timed))).toThrow(/name must be a text/);
  });

  it('asks a getter once', () => {
    let asked = 0;
    const changing = Object.defineProperty({ ...untimed }, 'headerTime', {
      enumerable: true,
      get: () => (asked++ === 0 ? headerTime : undefined),
    });
    expect(defineScheme(changing)).toMatchObject({ headerTime });
  });

  it('refuses what cannot be copied', () => {
    for (const scheme of [{ ...base, verify: () => true }, new Proxy(base, {})]) {
      expect(() => defineScheme(scheme)).toThrow(
        expect.objectContaining({
          code: 'INVALID_SCHEME',
          message: 'a scheme is plain data, without functions',
        }),
      );
    }
  });
});

it('defineScheme takes the largest body there may be', () => {
  expect(defineScheme({ ...base, maxBytes: 67_108_864 }).maxBytes).toBe(67_108_864);
});
