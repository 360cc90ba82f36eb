import { describe, expect, it } from 'vitest';
import { HeaderLines, HeaderReader, linesOf, mediaType } from './headers.js';

const reader = new HeaderReader(['one', 'second', 'two']);

/** The lines of each name, or undefined where the list is refused. */
function read(source: unknown) {
  return reader.read(source)?.map(linesOf);
}

describe('a reader of headers', () => {
  it.each<[string, unknown]>([
    ['a record', { ONE: '1', Second: '2', other: 'o', 'another-header': 'a' }],
    ['a record of lists', { ONE: ['1'], Second: ['2'], another: ['a', 'b'] }],
    [
      'pairs',
      [
        ['Second', '2'],
        ['another', 'a'],
        ['oNe', '1'],
      ],
    ],
    ['a Headers object', new Headers({ One: '1', another: 'a', Second: '2' })],
    ['a flat list', ['One', '1', 'other', 'o', 'second', '2']],
  ])('finds names in any case in %s, and nothing else', (_shape, source) => {
    const values = reader.read(source);
    expect(values).toEqual(['1', '2', undefined]);
    expect(Object.keys(values ?? [])).toEqual(['0', '1', '2']);
  });

  it('tells apart names of the same length and end', () => {
    expect(read({ twe: '1', second: '2', sekond: '3' })).toEqual([[], ['2'], []]);
  });

  it('passes over a name one longer than the longest', () => {
    expect(read({ seconds: 'x', one: '1' })).toEqual([['1'], [], []]);
  });

  it('passes over what a record inherits, and what is undefined', () => {
    const source = Object.assign(Object.create({ one: 'inherited' }), { two: undefined });
    expect(read(source)).toEqual([[], [], []]);
  });

  it('keeps every line of a name, in order, and marks those that are no text', () => {
    expect(
      read([
        ['one', '1'],
        ['One', '2'],
        ['ONE', '3'],
      ]),
    ).toEqual([['1', '2', '3'], [], []]);
    expect(read({ one: ['1', 2, '3'] })).toEqual([['1', undefined, '3'], [], []]);
    expect(read({ one: 1 })).toEqual([[undefined], [], []]);
    expect(
      read([
        ['one', null],
        ['one', '2'],
      ]),
    ).toEqual([[undefined, '2'], [], []]);
  });

  it('passes over a pair whose name is no text', () => {
    expect(
      read([
        [7, 'x'],
        ['one', '1'],
      ]),
    ).toEqual([['1'], [], []]);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['text', 'one'],
    ['a function', () => []],
    ['a list of numbers', [7]],
    ['a pair with one part', [['one']]],
    ['a pair with three parts', [['one', '1', '2']]],
    ['what only looks like a pair', [{ 0: 'one', 1: '1', length: 2 }]],
    ['a flat list that ends with a name', ['one', '1', 'two']],
    [
      'what throws while being read',
      {
        get one() {
          throw new Error('no');
        },
      },
    ],
    ['more lines than any server takes', Array.from({ length: 4_097 }, () => ['one', '1'])],
    ['a longer value than any server takes', { one: Array.from({ length: 4_097 }, () => '1') }],
  ])('refuses %s', (_what, source) => {
    expect(reader.read(source)).toBeUndefined();
  });

  it('does not read text as a flat list of letters', () => {
    expect(new HeaderReader(['a']).read('ab')).toBeUndefined();
  });

  it('reads as many lines as servers take', () => {
    expect(read(Array.from({ length: 4_096 }, () => ['other', '1']))).toEqual([[], [], []]);
    const values = Array.from({ length: 4_096 }, () => '1');
    expect(read({ one: values })).toEqual([values, [], []]);
  });
});

describe('linesOf', () => {
  it('gives the lines of any value', () => {
    expect(linesOf(undefined)).toEqual([]);
    expect(linesOf('')).toEqual(['']);
    expect(linesOf(new HeaderLines(['1', undefined]))).toEqual(['1', undefined]);
  });
});

describe('mediaType', () => {
  it.each([
    ['application/json', 'application/json'],
    [' Application/JSON\t', 'application/json'],
    ['text/plain ; charset=utf-8; x=y', 'text/plain'],
    ['text/plain;', 'text/plain'],
    [';text/plain', ''],
  ])('of %j is %j', (value, type) => {
    expect(mediaType(value)).toBe(type);
  });
});
