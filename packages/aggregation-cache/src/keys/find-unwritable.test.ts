import { describe, expect, it } from 'vitest';
import { findUnwritable } from './find-unwritable.js';

const half = '\ud800';

describe('what cannot be written', () => {
  it.each([
    ['half of a character', half, 'x', 'half of a character'],
    ['such a text in a list', ['a', [half]], 'x.1.0', 'half of a character'],
    ['such a text in a document', { a: 1, b: { c: half } }, 'x.b.c', 'half of a character'],
    [
      'such a text in a map',
      new Map([['a', new Map([['b', half]])]]),
      'x.a.b',
      'half of a character',
    ],
    ['such a name', { a: { [half]: 1 } }, 'x.a', 'name with half of a character'],
    ['such a name in a map', new Map([[half, 1]]), 'x', 'name with half of a character'],
    ['a name with a zero', { a: [{ 'b\0': 1 }] }, 'x.a.0', 'name with a zero'],
  ])('is found with its path: %s', (_, value, path, kind) => {
    expect(findUnwritable(value, 'x')).toEqual({ path, kind });
  });

  it.each([
    'a\0b',
    '😀',
    5,
    null,
    undefined,
    [],
    [null, { a: '\0' }],
    new Map([['a', { b: ['x'] }]]),
  ])('is not %j', (value) => {
    expect(findUnwritable(value, 'x')).toBeUndefined();
  });
});
