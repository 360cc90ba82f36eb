import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pairOf } from '../../test/support/signed.js';
import type { WebhookVerifierOptions } from '../options.js';
import type { ReplayStore } from '../ports/replay-store.js';
import { defineScheme } from '../scheme/define-scheme.js';
import { github } from '../scheme/presets/github.js';
import { payTabsReturn } from '../scheme/presets/paytabs.js';
import type { WebhookScheme } from '../scheme/scheme.js';

const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const schemeOf = (more: Partial<WebhookScheme>) =>
  defineScheme({ ...github(), name: 'mine', ...more });

type Request = ReturnType<ReturnType<typeof pairOf>['sign']>;

/** The delivery's name, and the key that the store was given for it. */
function namesOf(
  scheme: WebhookScheme,
  request: (sign: ReturnType<typeof pairOf>['sign']) => Request,
  more: Partial<WebhookVerifierOptions> = {},
) {
  const keys: string[] = [];
  const store: ReplayStore = {
    claim: (key) => {
      keys.push(key);
      return 'claimed';
    },
    confirm: () => undefined,
    release: () => undefined,
  };
  const { verifier, sign } = pairOf(scheme, { replay: { store }, ...more });
  const verdict = verifier.verifySync(request(sign));
  return { id: verdict.verdict === 'accepted' ? verdict.deliveryId : verdict, keys };
}

describe('a delivery named by its message', () => {
  it('is named by the body without the time, so that a retry has the same name', () => {
    const scheme = schemeOf({
      headerTime: { kind: 'header', name: 'x-time' },
      message: { kind: 'parts', parts: ['time', { text: '.' }, 'body'] },
    });
    expect(namesOf(scheme, (sign) => sign('{"a":1}')).id).toBe(digest('{"a":1}'));
  });

  it('is named by all that is signed but the time, where the body alone does not say enough', () => {
    const scheme = schemeOf({
      headerTime: { kind: 'header', name: 'x-time' },
      message: { kind: 'parts', parts: ['url', 'time', 'body'] },
    });
    expect(namesOf(scheme, (sign) => sign('{"a":1}')).id).toBe(
      digest('https://example.com/hook{"a":1}'),
    );
  });
});

it('names a form without its values by what is signed of it alone', () => {
  const { id } = namesOf(payTabsReturn(), (sign) => sign('b=2&a=1&empty='));
  expect(id).toBe(digest('a=1&b=2'));
});

describe('a delivery named by values of its content', () => {
  const scheme = schemeOf({ deliveryId: { kind: 'content', paths: [['a'], ['b']] } });
  const idOf = (content: unknown) => namesOf(scheme, (sign) => sign(JSON.stringify(content))).id;

  it.each([
    ['texts', { a: 'x', b: 'y' }, 'x:y'],
    ['a number', { a: 7, b: 'y' }, '7:y'],
    ['other characters', { a: 'x:y', b: 'ö' }, 'x%3Ay:%C3%B6'],
    ['a text of 100 characters', { a: 'x'.repeat(100), b: 'y' }, `${'x'.repeat(100)}:y`],
  ])('has them for a name: %s', (_name, content, id) => {
    expect(idOf(content)).toBe(id);
  });

  it.each([
    ['a missing one', { a: 'x' }],
    ['an empty one', { a: 'x', b: '' }],
    ['one of another kind', { a: 'x', b: true }],
    ['half a character', { a: 'x', b: '\ud800' }],
    ['one of 101 characters', { a: 'x'.repeat(101), b: 'y' }],
  ])('has the digest of the body for a name, for %s', (_name, content) => {
    expect(idOf(content)).toBe(digest(JSON.stringify(content)));
  });
});

describe('the key in the replay store', () => {
  const scheme = schemeOf({
    id: { header: 'x-id' },
    deliveryId: { kind: 'header' },
    message: { kind: 'parts', parts: ['id', { text: '.' }, 'body'] },
  });
  const keysOf = (id: string, tenant?: string) =>
    namesOf(scheme, (sign) => sign('{}', { id }), { ...(tenant !== undefined && { tenant }) }).keys;

  it.each([
    ['msg_1', 'mine::msg_1'],
    ['a.b~c-d', 'mine::a.b~c-d'],
    ['a b', 'mine::a%20b'],
    ['///', 'mine::%2F%2F%2F'],
    [':a', 'mine::%3Aa'],
    ['a:', 'mine::a%3A'],
  ])('of the id %s is %s', (id, key) => {
    expect(keysOf(id)).toEqual([key]);
  });

  it('begins with the tenant, spelt so that it cannot end early', () => {
    expect(keysOf('msg_1', 'a:b')).toEqual(['mine:a%3Ab:msg_1']);
  });

  it('is the digest of one that has more than 500 characters', () => {
    const longest = 'x'.repeat(500 - 'mine::'.length);
    expect(keysOf(longest)).toEqual([`mine::${longest}`]);
    expect(keysOf(`${longest}x`)).toEqual([digest(`mine::${longest}x`)]);
  });
});
