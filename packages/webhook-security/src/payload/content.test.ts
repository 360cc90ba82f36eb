import { describe, expect, it } from 'vitest';
import { type Content, readFields, readJson, readSigned, valueAt } from './content.js';

const unread = { ok: false };

describe('content that is JSON', () => {
  it('is what the text says', () => {
    expect(readJson('{"a":[1,null]}')).toEqual({ ok: true, value: { a: [1, null] } });
  });

  it.each(['', '{', 'undefined', undefined])('is not read from %j', (text) => {
    expect(readJson(text)).toEqual(unread);
  });
});

describe('content that is a form', () => {
  const latin = (text: string) => Buffer.from(text).toString('latin1');

  it('has each field by its name, `__proto__` too', () => {
    const content = readFields([
      { name: latin('é'), value: latin('ß') },
      { name: '__proto__', value: '' },
    ]);
    expect(content.ok && Object.entries(content.value as object)).toEqual([
      ['é', 'ß'],
      ['__proto__', ''],
    ]);
  });

  it('is not read where a name or a value is no UTF-8', () => {
    expect(readFields([{ name: '\xff', value: 'a' }])).toEqual(unread);
    expect(readFields([{ name: 'a', value: '\xff' }])).toEqual(unread);
  });
});

describe('the value at a path', () => {
  const content: Content = {
    ok: true,
    value: { text: 'abc', none: null, list: [7], deep: { inner: 1 } },
  };

  it.each<[readonly string[], unknown]>([
    [['text'], 'abc'],
    [['none'], null],
    [['list', '0'], 7],
    [['deep', 'inner'], 1],
    [[], content.value],
    [['missing'], undefined],
    [['missing', 'inner'], undefined],
    [['none', 'inner'], undefined],
    [['text', 'length'], undefined],
    [['text', '0'], undefined],
    [['toString'], undefined],
    [['__proto__'], undefined],
  ])('%j', (path, value) => {
    expect(valueAt(content, path)).toBe(value);
  });

  it('is nothing where the content could not be read', () => {
    expect(valueAt({ ok: false }, [])).toBeUndefined();
    expect(valueAt({ ok: false }, ['a'])).toBeUndefined();
  });
});

describe('signed values of a JSON body', () => {
  it('stand at their places, and what was not there is left out', () => {
    const fields = new Map([
      ['id', '7'],
      ['data.amount', '1.50'],
      ['data.currency', 'SAR'],
      ['items.0.sku', 'A'],
      ['tags.0', 'b'],
    ]);
    const paths = [...[...fields.keys()].map((name) => name.split('.')), ['missing']];
    expect(JSON.stringify(readSigned(fields, paths))).toBe(
      '{"ok":true,"value":{"id":"7","data":{"amount":"1.50","currency":"SAR"},"items":[{"sku":"A"}],"tags":["b"]}}',
    );
    const { value } = readSigned(new Map(), [['missing']]);
    expect(Object.keys(value as object)).toEqual([]);
  });
});
