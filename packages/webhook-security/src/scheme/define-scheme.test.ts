import { describe, expect, it } from 'vitest';
import {
  base,
  hintInBody,
  inBody,
  ping,
  signedPathsOf,
  versionsWith,
  versionWith,
} from '../../test/support/own-scheme.js';
import { stageOrder } from '../reasons.js';
import { defineScheme, findSchemeFault } from './define-scheme.js';
import { isMarkedScheme } from './mark-scheme.js';
import { PRESETS } from './presets/all.js';
import { payTabsCallback, payTabsReturn } from './presets/paytabs.js';
import type { WebhookScheme } from './scheme.js';

const token = { algorithm: 'token', encoding: 'text' } as const;

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
