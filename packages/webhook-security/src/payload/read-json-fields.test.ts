import { describe, expect, it } from 'vitest';
import { jsonFieldReader } from './read-json-fields.js';

/** The values at some paths, each written with dots; undefined where the text is refused. */
function read(text: string, ...paths: readonly string[]) {
  const fields = jsonFieldReader(paths.map((path) => path.split('.')))(text);
  return fields && Object.fromEntries(fields);
}

describe('values of a JSON text', () => {
  it.each<[string, string, Record<string, string>]>([
    ['a text, its escapes undone', String.raw`{"a":"\"\\\u00e9"}`, { a: '"\\é' }],
    ['a number, as it is written', '{"a":-1.50E+2}', { a: '-1.50E+2' }],
    ['a word', '{"a":true,"b":false}', { a: 'true', b: 'false' }],
    ['no null', '{"a":null,"b":1}', { b: '1' }],
    ['nothing where nothing is wanted', '{"z":[{"a":1}],"y":{"b":2}}', {}],
    ['a value within another', '{"c":{"d":"e","z":3},"b":4}', { 'c.d': 'e', b: '4' }],
    ['the only element of a list', '{"l":[5]}', { 'l.0': '5' }],
    ['a value in the only element of a list', '{"m":[{"a":6}]}', { 'm.0.a': '6' }],
    ['nothing from an empty list or object', '{"l":[],"c":{},"m":[ ],"z":{ }}', {}],
  ])('are %s', (_what, text, fields) => {
    expect(read(text, 'a', 'b', 'c.d', 'l.0', 'm.0.a')).toEqual(fields);
  });

  it('are found behind every blank of JSON, and behind no other', () => {
    const spaced = (blank: string) =>
      read(
        ['', '{', '"z"', ':', '[', '1', ',', '2', ']', ',', '"a"', ':', '3', '}', ''].join(blank),
        'a',
      );
    for (const blank of [' ', '\t', '\n', '\r', '\r\n\t '])
      expect(spaced(blank)).toEqual({ a: '3' });
    for (const blank of ['\v', '\u00a0', '\ufeff']) expect(spaced(blank)).toBeUndefined();
  });

  it('are named by the whole path', () => {
    expect(read('{"a":{"bc":1},"ab":{"c":2}}', 'a.bc', 'ab.c')).toEqual({
      'a.bc': '1',
      'ab.c': '2',
    });
  });

  it('may stand in a text that is no object', () => {
    expect(read('null', 'a')).toEqual({});
    expect(read('[{"a":1},[2,"x"]]', 'a')).toEqual({});
    expect(read('[7]', '0')).toEqual({ 0: '7' });
  });
});

describe('a JSON text is refused', () => {
  it.each([
    ['where a wanted name stands twice', '{"a":1,"a":1}'],
    ['where a name with wanted ones below it stands twice', '{"c":{"d":1},"c":{}}'],
    ['where a wanted name stands twice, once as null', '{"a":null,"a":1}'],
    ['where a wanted name stands twice, once in escapes', String.raw`{"a":1,"\u0061":1}`],
    ['where an object is in the place of a value', '{"a":{}}'],
    ['where a list is in the place of a value', '{"a":[]}'],
    ['where a value is in the place of an object', '{"c":"d"}'],
    ['where a value is in the place of all', '12'],
    ['where a value is in the place of a list', '{"l":1}'],
    ['where a list with a wanted element has a second one', '{"l":[1,2]}'],
    ['where a list with a wanted element has a second null', '{"l":[1,null]}'],
  ])('%s', (_where, text) => {
    expect(read(text, 'a', 'c.d', 'l.0')).toBeUndefined();
  });

  it('for no name that stands twice where none is wanted', () => {
    expect(read('{"z":1,"z":2,"y":{"a":3,"a":4},"a":5}', 'a')).toEqual({ a: '5' });
  });

  it.each([
    '',
    ' ',
    '{',
    '[',
    '}',
    '{"z"',
    '{"z":',
    '{"z":1',
    '{"z":1,',
    '{"z":1,}',
    '{"z":1]',
    '{"z" 1}',
    '{"z",1}',
    '{"z":1:2}',
    '{"z":1 "y":2}',
    '{z:1}',
    '{1:1}',
    '{z":1}',
    '{,}',
    "{'z':1}",
    '[1',
    '[1,',
    '[1,]',
    '[,1]',
    '[1}',
    '[1 2]',
    '["',
    '["z',
    '{"z',
    '["z\\',
    '["z\\"',
    '["z\\"]',
    '["\\x"]',
    '["\n"]',
    '[01]',
    '[1.]',
    '[+1]',
    '[NaN]',
    '[True]',
    '[tru]',
    '[undefined]',
    '[-]',
    '[{} x]',
    '[] x',
    '{}{}',
    'null null',
    '["a""b"]',
    '{"y""z":1}',
  ])('that is none: %j', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(read(text, 'a')).toBeUndefined();
  });

  it.each<[string, (depth: number) => string]>([
    ['lists', (depth) => '['.repeat(depth) + 1 + ']'.repeat(depth)],
    ['lists, each behind another element', (depth) => '[0,'.repeat(depth) + 1 + ']'.repeat(depth)],
    ['objects', (depth) => '{"z":'.repeat(depth) + 1 + '}'.repeat(depth)],
  ])('that has a value in more than 32 %s', (_what, text) => {
    expect(read(text(32), 'a')).toEqual({});
    expect(read(text(33), 'a')).toBeUndefined();
  });
});
