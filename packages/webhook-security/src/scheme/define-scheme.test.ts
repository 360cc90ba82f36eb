import { describe, expect, it } from 'vitest';
import { stageOrder } from '../reasons.js';
import { defineScheme, findSchemeFault } from './define-scheme.js';
import { isMarkedScheme } from './mark-scheme.js';
import { PRESETS } from './presets/all.js';
import { payTabsCallback, payTabsReturn } from './presets/paytabs.js';
import type { MessagePart, SignatureVersion, WebhookScheme } from './scheme.js';

const base: WebhookScheme = {
  name: 'mine',
  methods: ['POST'],
  contentTypes: ['application/json'],
  content: 'json',
  signature: { kind: 'header', name: 'x-signature' },
  versions: [
    { algorithm: 'hmac-sha512', encoding: 'base64', key: { encoding: 'utf8', minBytes: 16 } },
  ],
  message: { kind: 'parts', parts: ['body'] },
  deliveryId: { kind: 'message' },
  maxBytes: 1_000,
  repeatStatus: 409,
  unsigned: ['every header'],
};

/** The same in several versions, each with something else. */
const versionsWith = (...more: readonly Partial<SignatureVersion>[]) =>
  more.map((one) => ({ ...(base.versions[0] as SignatureVersion), ...one }));

const versionWith = (more: Partial<SignatureVersion>): Partial<WebhookScheme> => ({
  versions: versionsWith(more),
});

const token = { algorithm: 'token', encoding: 'text' } as const;

/** Signed are values of a JSON body, in which the signature stands. */
const inBody = (
  parts: readonly MessagePart[],
  signature: readonly string[] = ['signature'],
): Partial<WebhookScheme> => ({
  signature: { kind: 'json', path: signature },
  message: { kind: 'parts', parts },
});

const signedPathsOf = (...paths: readonly (readonly string[])[]) =>
  inBody(paths.map((path) => ({ path })));

/** A form that is signed as PayTabs does. */
const form: Partial<WebhookScheme> = {
  content: 'form',
  signature: payTabsReturn().signature,
  message: payTabsReturn().message,
};

const entryTime = { kind: 'entry', label: 't=' } as const;
/** A time that stands in a list with the signatures. */
const timeInList = (label: string | undefined, separator = ','): Partial<WebhookScheme> => ({
  ...versionWith(label === undefined ? {} : { label }),
  signature: { kind: 'header', name: 'x-signature', separator },
  headerTime: entryTime,
  message: { kind: 'parts', parts: ['time', 'body'] },
});
const ping = {
  kind: 'body',
  when: { path: ['type'], equals: 'ping' },
  reply: { kind: 'json', value: { type: 1 } },
} as const;
const hintInBody = { kind: 'json', path: ['hint'] } as const;

const moved = (stage: (typeof stageOrder)[number], to: number) => {
  const rest = stageOrder.filter((one) => one !== stage);
  return [...rest.slice(0, to), stage, ...rest.slice(to)];
};

describe('a scheme that comes with the package', () => {
  it.each(Object.entries(PRESETS))('%s keeps to what every scheme must', (_name, preset) => {
    expect(findSchemeFault(preset())).toBeUndefined();
    expect(isMarkedScheme(preset())).toBe(true);
  });

  it('is one for another copy of the package too', () => {
    const mark = Symbol.for('@nestcms/webhook-security.scheme');
    const fromElsewhere = Object.defineProperty({ ...base }, mark, {});
    expect(isMarkedScheme(Object.freeze(fromElsewhere))).toBe(true);
  });

  it('is none any more once it was copied', () => {
    const scheme = PRESETS.github?.() as WebhookScheme;
    for (const copy of [{ ...scheme }, structuredClone(scheme), Object.create(scheme)]) {
      expect(isMarkedScheme(Object.freeze(copy))).toBe(false);
    }
    for (const other of [null, undefined, 'github', 7]) expect(isMarkedScheme(other)).toBe(false);
  });
});

describe('defineScheme', () => {
  it('freezes a copy, to its last list', () => {
    const parts = ['body' as const];
    const scheme = defineScheme({ ...base, message: { kind: 'parts', parts } });
    parts.push('body');
    expect(scheme.message).toEqual({ kind: 'parts', parts: ['body'] });
    expect(Object.isFrozen(scheme) && Object.isFrozen(scheme.versions[0]?.key)).toBe(true);
    expect(() => (scheme.methods as string[]).push('GET')).toThrow(TypeError);
  });

  it('lets a scheme look at the address before it looks at the request time', () => {
    const stages = moved('address', 3);
    expect(defineScheme({ ...base, stages }).stages).toEqual(stages);
  });

  it.each<[string, Partial<WebhookScheme>]>([
    ['a value of which may be left out or not', inBody([{ path: ['a'], optional: false }])],
    [
      'whose time is in seconds, and says so',
      {
        message: { kind: 'parts', parts: ['time', 'body'] },
        headerTime: { kind: 'header', name: 'x-time', unit: 's' },
      },
    ],
    ['with a handshake in a body', { handshake: ping }],
    ['with a handshake by POST', { handshake: { kind: 'query', method: 'POST', echo: 'c' } }],
    ['of a token', versionWith(token)],
    ['of a form', form],
  ])('takes a scheme %s', (_what, more) => {
    expect(defineScheme({ ...base, ...more })).toMatchObject(more);
  });

  it.each<[Partial<WebhookScheme>, RegExp]>([
    [{ name: 'My scheme' }, /^scheme My scheme: the name is/],
    [{ name: 'mine!' }, /the name is/],
    [{ stages: ['request', 'signature'] }, /each stage once/],
    [{ stages: [...stageOrder, 'payload'] }, /each stage once/],
    [{ stages: [...stageOrder.slice(0, -1), 'request'] }, /each stage once/],
    [{ stages: moved('request', 1) }, /request comes before address/],
    [{ stages: moved('form', 0) }, /request comes before form/],
    [{ stages: moved('form', 3) }, /form comes before headerTime/],
    [{ stages: moved('address', 4) }, /address comes before signature/],
    [{ stages: moved('signature', 3) }, /headerTime comes before signature/],
    [{ stages: moved('bodyTime', 4) }, /signature comes before bodyTime/],
    [{ stages: moved('replay', 4) }, /signature comes before replay/],
    [{ stages: moved('payload', 6) }, /replay comes before payload/],
    [{ stages: moved('bodyTime', 7) }, /bodyTime comes before payload/],
    [{ message: { kind: 'parts', parts: ['time'] } }, /must hold the body/],
    [{ message: { kind: 'parts', parts: ['body', 'time'] } }, /a signed time must be read/],
    [{ headerTime: { kind: 'header', name: 'x-time' } }, /a header time must be signed/],
    [{ id: { header: 'x-id' } }, /an id must be signed/],
    [{ deliveryId: { kind: 'header' } }, /deliveryId needs the id header/],
    [{ signature: { kind: 'header', name: 'X-Signature' } }, /lower case/],
    [{ signature: payTabsReturn().signature }, /goes with a form message/],
    [{ message: payTabsReturn().message }, /goes with a form message/],
    [versionWith({ key: { encoding: 'utf8', minBytes: 0 } }), /key\.minBytes must be a whole/],
    [versionWith({ algorithm: 'hmac-sha1' }), /SHA-1 is for the schemes/],
    [versionWith({ algorithm: 'rsa-sha1' }), /SHA-1 is for the schemes/],
    [versionWith({ algorithm: 'token' }), /the encoding text is for tokens/],
    [{ versions: [...base.versions, ...base.versions] }, /each version, and .* needs a label/],
    [{ versions: versionsWith({ label: 'a=' }, { label: 'a=b' }, { label: 'c' }) }, /a label of/],
    [{ versions: versionsWith({}, { label: 'v1=' }) }, /each version, and .* needs a label/],
    [
      { versions: versionsWith({ label: 'a=', algorithm: 'hmac-sha1' }, { label: 'b=' }) },
      /SHA-1 is for the schemes/,
    ],
    [
      { versions: versionsWith({ label: 'a=', ...token }, { label: 'b=' }) },
      /a token is the only version, and stands in a header/,
    ],
    [
      { ...versionWith(token), ...signedPathsOf(['a']) },
      /a token is the only version, and stands in a header/,
    ],
    [
      { ...versionWith(token), message: { kind: 'parts', parts: [{ text: 'a' }] } },
      /must hold the body/,
    ],
    [
      { message: { kind: 'parts', parts: ['body', { path: ['a'] }] } },
      /a signature in a JSON body goes with a message of its values/,
    ],
    [inBody(['body']), /a signature in a JSON body goes with a message of its values/],
    [{ keyHint: hintInBody }, /a key hint in a JSON body goes with a signature there/],
    [{ ...form, keyHint: hintInBody }, /a key hint in a JSON body goes with a signature there/],
    [{ ...signedPathsOf(['a']), content: 'form' }, /values of a JSON body need JSON content/],
    [{ message: { kind: 'parts', parts: ['url', 'pairs'] } }, /pairs need form content/],
    [{ bodyDigest: { query: 'sha256' } }, /a digest in the address needs a signed url/],
    [{ ...form, bodyDigest: { query: 'sha256' } }, /a digest in the address needs a signed url/],
    [
      { ...inBody([{ path: ['a'] }, 'time']), headerTime: entryTime },
      /a time in the signature header needs a list there/,
    ],
    [
      { message: { kind: 'parts', parts: ['time', 'body'] }, headerTime: entryTime },
      /a time in the signature header needs a list there/,
    ],
    [
      {
        ...timeInList('v1='),
        signature: { kind: 'header', name: 'x-signature', separator: undefined as never },
      },
      /a time in the signature header needs a list there/,
    ],
    [timeInList(undefined), /and a time among them, needs a label/],
    [timeInList('t'), /and a time among them, needs a label/],
    [timeInList('t='), /and a time among them, needs a label/],
    [timeInList('t=1'), /and a time among them, needs a label/],
    [timeInList('v1=', '='), /a label holds no separator/],
    [timeInList('v1=', 't'), /a label holds no separator/],
    [
      {
        ...versionWith({ label: 'v1,' }),
        signature: { kind: 'header', name: 'x-signature', separator: ',' },
      },
      /a label holds no separator/,
    ],
    [{ ...form, headerTime: { kind: 'header', name: 'x-time' } }, /a header time must be signed/],
    [
      { ...form, id: { header: 'x-id' }, deliveryId: { kind: 'header' } },
      /an id must be signed, and a signed id must be read/,
    ],
    [{ ...form, content: 'json' }, /a form message needs form content/],
    [
      { ...form, message: { kind: 'form', readings: [] } },
      /message\.readings must be a list of at least 1/,
    ],
  ])('refuses %j', (more, message) => {
    expect(() => defineScheme({ ...base, ...more })).toThrow(message);
  });
});

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

describe('defineScheme, given what the types forbid', () => {
  const { versions: _versions, ...withoutVersions } = base;

  it.each<[unknown, RegExp]>([
    [undefined, /^scheme undefined: must be an object$/],
    [null, /must be an object/],
    ['paytabs', /must be an object/],
    [{}, /^scheme undefined: name must be a text/],
    [{ ...base, name: 7 }, /^scheme number: name must be a text/],
    [withoutVersions, /versions must be a list/],
    [{ ...base, ...versionWith({ algorithm: 'md5' as never }) }, /algorithm must be one of/],
    [{ ...base, ...versionWith({ algorithm: 'toString' as never }) }, /algorithm must be one of/],
    [{ ...base, headertime: base.headerTime }, /headertime is unknown/],
    [{ ...base, methods: 'POST' }, /methods must be a list/],
    [{ ...base, methods: ['post'] }, /methods\[0\] must be a method in capitals$/],
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
    ...['pong', 7, null, { type: {} }].map((value): [unknown, RegExp] => [
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

describe('the PayTabs schemes', () => {
  it('say what the signature leaves open', () => {
    for (const scheme of [payTabsCallback(), payTabsReturn()]) {
      expect(scheme.unsigned.join()).toMatch(/every header/);
    }
    expect(payTabsReturn().unsigned.join()).toMatch(/amount, currency and time/);
  });

  it('try fewer readings of a return on demand', () => {
    const { message } = payTabsReturn({ tilde: ['encoded'], zero: ['dropped'] });
    expect(message).toMatchObject({ readings: [{ tilde: 'encoded', zero: 'dropped' }] });
  });
});
