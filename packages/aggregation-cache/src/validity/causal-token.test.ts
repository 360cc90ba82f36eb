import { Binary, Long, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { causalToken, isClusterTime, later, reaches } from './causal-token.js';

const ts = (t: number) => new Timestamp({ t, i: 0 });

describe('the point that a session has reached', () => {
  it('is its operation time with the signed time, once it has one', () => {
    const signed = { clusterTime: ts(6) };
    expect(causalToken({ operationTime: ts(5), clusterTime: signed })).toEqual({
      operationTime: ts(5),
      clusterTime: signed,
    });
    expect(causalToken({ operationTime: undefined as never, clusterTime: signed })).toBeUndefined();
  });
});

describe('a signed time', () => {
  const signature = { hash: new Binary(Buffer.alloc(20)), keyId: Long.fromNumber(1) };
  const good = { clusterTime: ts(1), signature };

  it.each([Long.fromNumber(1), 1, 1n])(
    'is what a server sends, whatever the form of its key',
    (keyId) => {
      expect(isClusterTime({ ...good, signature: { ...signature, keyId } })).toBe(true);
    },
  );

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'x'],
    ['no time', { signature }],
    ['a time of another type', { ...good, clusterTime: Long.fromNumber(1) }],
    ['no signature', { clusterTime: ts(1) }],
    ['an empty signature', { ...good, signature: null }],
    ['no hash', { ...good, signature: { keyId: 1 } }],
    ['bytes that are no Binary', { ...good, signature: { ...signature, hash: Buffer.alloc(20) } }],
    ['no key', { ...good, signature: { hash: signature.hash } }],
    ['a key in words', { ...good, signature: { ...signature, keyId: '1' } }],
    ['a key of another type', { ...good, signature: { ...signature, keyId: ts(1) } }],
  ])('is not %s', (_, value) => {
    expect(isClusterTime(value)).toBe(false);
  });
});

describe('of two times', () => {
  it('one reaches the other if it is not before it; everything reaches none', () => {
    expect(reaches(ts(2), ts(1))).toBe(true);
    expect(reaches(ts(2), ts(2))).toBe(true);
    expect(reaches(ts(1), ts(2))).toBe(false);
    expect(reaches(undefined, ts(1))).toBe(false);
    expect(reaches(undefined, undefined)).toBe(true);
    expect(reaches(ts(1), undefined)).toBe(true);
  });

  it('the later one is taken, of equals the first', () => {
    const [one, same, two] = [1, 1, 2].map((t) => ({ operationTime: ts(t) }));
    expect(later(one, two)).toBe(two);
    expect(later(two, one)).toBe(two);
    expect(later(one, same)).toBe(one);
    expect(later(undefined, one)).toBe(one);
    expect(later(one, undefined)).toBe(one);
    expect(later(undefined, undefined)).toBeUndefined();
  });
});
