import { describe, expect, it } from 'vitest';
import { stageOrder } from '../reasons.js';
import { defineScheme, findSchemeFault } from './define-scheme.js';
import { isMarkedScheme } from './mark-scheme.js';
import { PRESETS } from './presets/all.js';
import { payTabsCallback, payTabsReturn } from './presets/paytabs.js';
import type { SignatureVersion, WebhookScheme } from './scheme.js';

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

const versionWith = (more: Partial<SignatureVersion>): Partial<WebhookScheme> => ({
  versions: [{ ...(base.versions[0] as SignatureVersion), ...more }],
});

const moved = (stage: (typeof stageOrder)[number], to: number) => {
  const rest = stageOrder.filter((one) => one !== stage);
  return [...rest.slice(0, to), stage, ...rest.slice(to)];
};

describe('a scheme that comes with the package', () => {
  it.each(Object.entries(PRESETS))('%s keeps to what every scheme must', (_name, preset) => {
    expect(findSchemeFault(preset())).toBeUndefined();
    expect(isMarkedScheme(preset())).toBe(true);
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

  it.each<[Partial<WebhookScheme>, RegExp]>([
    [{ name: 'My scheme' }, /^scheme My scheme: the name is/],
    [{ stages: ['request', 'signature'] }, /each stage once/],
    [{ stages: [...stageOrder, 'payload'] }, /each stage once/],
    [{ stages: moved('request', 1) }, /the request stage comes first/],
    [{ stages: moved('form', 3) }, /headerTime needs form before it/],
    [{ stages: moved('address', 4) }, /address comes before signature/],
    [{ stages: moved('signature', 2) }, /form comes before signature/],
    [{ stages: moved('bodyTime', 4) }, /bodyTime comes after signature/],
    [{ stages: moved('replay', 4) }, /replay comes after signature/],
    [{ stages: moved('payload', 6) }, /payload comes after replay/],
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
    [{ versions: [...base.versions, ...base.versions] }, /each version needs a label/],
    [
      { signature: payTabsReturn().signature, message: payTabsReturn().message },
      /a form message needs form content/,
    ],
    [
      {
        content: 'form',
        signature: payTabsReturn().signature,
        message: { kind: 'form', readings: [] },
      },
      /message\.readings must be a list of at least 1/,
    ],
  ])('refuses %j', (more, message) => {
    expect(() => defineScheme({ ...base, ...more })).toThrow(message);
  });
});

describe('defineScheme, given what the types forbid', () => {
  const { versions: _versions, ...withoutVersions } = base;

  it.each<[unknown, RegExp]>([
    [undefined, /^scheme undefined: must be an object$/],
    [null, /must be an object/],
    ['paytabs', /must be an object/],
    [{}, /^scheme undefined: name must be a text/],
    [withoutVersions, /versions must be a list/],
    [{ ...base, ...versionWith({ algorithm: 'md5' as never }) }, /algorithm must be one of/],
    [{ ...base, ...versionWith({ algorithm: 'toString' as never }) }, /algorithm must be one of/],
    [{ ...base, headertime: base.headerTime }, /headertime is unknown/],
    [{ ...base, methods: 'POST' }, /methods must be a list/],
    [{ ...base, contentTypes: [7] }, /contentTypes\[0\] must be a text/],
    [{ ...base, signature: undefined }, /signature\.kind must be one of: header, field/],
    [{ ...base, signature: { kind: 'constructor' } }, /signature\.kind must be one of/],
    [{ ...base, signature: { kind: 'header' } }, /signature\.name must be a text/],
    [{ ...base, message: { kind: 'parts', parts: ['body', 'uri'] } }, /message\.parts\[1\] must/],
    [{ ...base, message: { kind: 'parts', parts: ['body', null] } }, /message\.parts\[1\] must/],
    [{ ...base, bodyTime: { path: ['time'], maxAgeMs: 1 } }, /bodyTime\.maxAgeMs must be a whole/],
    [{ ...base, maxBytes: 0 }, /maxBytes must be a whole number from 1/],
    [{ ...base, repeatStatus: 302 }, /repeatStatus must be one of: 200, 409/],
    [{ ...base, unsigned: undefined }, /unsigned must be a list/],
  ])('refuses %j', (scheme, message) => {
    const make = () => defineScheme(scheme as WebhookScheme);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_SCHEME' }));
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
