import { describe, expect, it } from 'vitest';
import { pairOf, secret, told, withHeaders } from '../../test/support/signed.js';
import type { FormReading } from '../form/php-form.js';
import type { VerifierSettings } from '../options.js';
import { defineScheme } from '../scheme/define-scheme.js';
import { github } from '../scheme/presets/github.js';
import { payTabsReturn } from '../scheme/presets/paytabs.js';
import type { MessagePart, SignatureVersion, WebhookScheme } from '../scheme/scheme.js';
import type { ReadyKey } from '../signature/keys.js';
import { Check } from './check.js';
import { planHeaders } from './header-plan.js';
import { signatureStep } from './signature-step.js';

const schemeOf = (more: Partial<WebhookScheme>) =>
  defineScheme({ ...github(), name: 'mine', ...more });

const version = (label: string): SignatureVersion => ({
  label: `${label}=`,
  algorithm: 'hmac-sha256',
  encoding: 'hex',
  key: { encoding: 'base64', prefix: `${label}_`, minBytes: 8 },
});
const keyFor = (label: string) => `${label}_${Buffer.from(secret).toString('base64')}`;

describe('keys of several versions', () => {
  const scheme = schemeOf({ versions: [version('a'), version('b')] });
  const both = [keyFor('a'), keyFor('b')];

  it('takes a signature of the second alone, and says which key it was', () => {
    const { verifier, sign } = pairOf(scheme, { keys: both });
    const request = sign('{}', { key: keyFor('b'), version: 1 });
    expect(verifier.verifySync(request)).toMatchObject({ verdict: 'accepted', keyIndex: 1 });
  });

  it('says so where no key in force is of the version of a signature', () => {
    // A function of keys may have any of them, so the form of both is read.
    const { verifier, sign } = pairOf(scheme, { keys: () => [keyFor('a')] });
    const other = sign('{}', { key: keyFor('b'), version: 1 });
    expect(verifier.verifySync(other)).toMatchObject({
      reason: 'signature-scheme',
      stage: 'signature',
      status: 401,
    });
    const right = sign('{}', { key: keyFor('a'), version: 0 });
    expect(told(verifier.verifySync(right))).toBe('accepted');
  });
});

it('signs other headers as they stand', () => {
  const parts: MessagePart[] = [{ header: 'x-account' }, { text: '.' }, 'body'];
  const { verifier, sign } = pairOf(schemeOf({ message: { kind: 'parts', parts } }));
  const request = withHeaders(sign('{}', { headers: { 'x-account': 'one' } }), {
    'x-account': 'one',
  });
  expect(told(verifier.verifySync(request))).toBe('accepted');
  const other = withHeaders(request, { 'x-account': 'two' });
  expect(told(verifier.verifySync(other))).toBe('signature');
});

/** Keys whose answers come later, as those of browsers do: `answers[key][message]`. */
function later(...answers: readonly (readonly boolean[])[]): ReadyKey[] {
  return answers.map((ofKey) => {
    let asked = 0;
    return {
      version: 0,
      check: async () => {
        asked += 1;
        return ofKey[asked - 1] as boolean;
      },
    };
  });
}

const never: ReadyKey = { version: 0, check: () => false };

function stepWith(scheme: WebhookScheme, keys: readonly ReadyKey[], body = '{}') {
  const ring = { isFixed: false, mayHave: () => true, get: () => keys };
  const settings = { scheme, keys: ring } as unknown as VerifierSettings;
  const check = new Check(undefined);
  check.body = Buffer.from(body);
  check.candidates = [[new Uint8Array(32)]];
  return { check, run: async () => signatureStep(settings, planHeaders(scheme))(check) };
}

describe('keys that answer later', () => {
  it.each<[string, readonly ReadyKey[], number]>([
    ['the first', later([true], [false]), 0],
    ['the second', later([false], [true]), 1],
    ['one behind a key that answers at once', [never, ...later([true])], 1],
    ['the last of many', later([false], [false], [true]), 2],
  ])('take a signature of %s', async (_name, keys, keyIndex) => {
    const { check, run } = stepWith(github(), keys);
    expect(await run()).toBeUndefined();
    expect(check.keyIndex).toBe(keyIndex);
    expect(check.message).toEqual([check.body]);
  });

  it('refuse a signature of none of them', async () => {
    for (const keys of [later([false]), later([false], [false]), [...later([false]), never]]) {
      const { check, run } = stepWith(github(), keys);
      expect(await run()).toEqual({ reason: 'signature' });
      expect(check.message).toEqual([]);
    }
  });

  it('refuse a body that is empty, whoever signed it', async () => {
    expect(await stepWith(github(), later([true]), '').run()).toEqual({ reason: 'body-empty' });
  });

  describe('over the readings of a form', () => {
    const scheme = payTabsReturn();
    const readings = scheme.message.kind === 'form' ? scheme.message.readings : [];
    const fields = [
      { name: 'b', value: '0' },
      { name: 'a', value: '~' },
    ];
    const withFields = (keys: readonly ReadyKey[]) => {
      const step = stepWith(scheme, keys, 'a=~&b=0');
      step.check.fields = fields;
      return step;
    };
    const signedBy = ({ zero }: FormReading) => (zero === 'kept' ? ['a', 'b'] : ['a']);

    it.each([0, 1, 2, 3])('take the reading at place %i, and its fields alone', async (place) => {
      const { check, run } = withFields(later(readings.map((_, index) => index === place)));
      expect(await run()).toBeUndefined();
      expect(check.reading).toEqual(readings[place]);
      expect(check.fields.map(({ name }) => name)).toEqual(
        signedBy(readings[place] as FormReading),
      );
    });

    it('refuse what no reading gives', async () => {
      const { check, run } = withFields(later(readings.map(() => false)));
      expect(await run()).toEqual({ reason: 'signature' });
      expect(check.reading).toBeUndefined();
      expect(check.fields).toBe(fields);
    });
  });
});

describe('a message that begins with the body', () => {
  const scheme = schemeOf({
    message: { kind: 'parts', parts: ['body', { header: 'x-topic' }] },
  });

  it('is all of its parts, not the body alone', () => {
    const { verifier, sign } = pairOf(scheme);
    const request = sign('{}', { headers: { 'x-topic': 'orders' } });
    expect(told(verifier.verifySync(request))).toBe('accepted');
    const changed = withHeaders(request, { 'x-topic': 'refunds' });
    expect(told(verifier.verifySync(changed))).toBe('signature');
    const bodyAlone = pairOf(schemeOf({})).sign('{}');
    const forged = withHeaders(bodyAlone, { 'x-topic': 'orders' });
    expect(told(verifier.verifySync(forged))).toBe('signature');
  });
});
