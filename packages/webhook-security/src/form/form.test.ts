import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairsMessage } from './pairs.js';
import { canonicalForm, type FormReading, signedFields, usefulReadings } from './php-form.js';
import { readForm } from './read-form.js';

const php: FormReading = { name: 'php', tilde: 'encoded', zero: 'kept' };

describe('readForm', () => {
  const read = (text: string, maxFields = 10) => readForm(Buffer.from(text, 'latin1'), maxFields);

  it('reads flat pairs in their order and knows no brackets', () => {
    expect(read('b=1&a[x]=2&a.b=3&=4&c&d=e=f')).toEqual([
      { name: 'b', value: '1' },
      { name: 'a[x]', value: '2' },
      { name: 'a.b', value: '3' },
      { name: '', value: '4' },
      { name: 'c', value: '' },
      { name: 'd', value: 'e=f' },
    ]);
  });

  it('passes over empty pairs and counts the others', () => {
    expect(read('&&a=1&&')).toHaveLength(1);
    expect(read('a&b&c', 3)).toHaveLength(3);
    expect(read('a&b&c&d', 3)).toBeUndefined();
    expect(read('')).toEqual([]);
  });

  it.each(['%', 'a=%', 'a=%4', 'a=%4g', 'a=%%41', '%g1=a'])('refuses %j', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('reads a plus sign as a space, also where nothing else is encoded', () => {
    expect(read('a+b=+')).toEqual([{ name: 'a b', value: ' ' }]);
  });

  it('keeps every byte, also those that are no UTF-8', () => {
    expect(read('%FFa\xe9+%2B=%c3%A9')).toEqual([{ name: '\xffa\xe9 +', value: '\xc3\xa9' }]);
  });

  it('reads back what a canonical form writes, whatever the bytes', () => {
    const byteText = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
    const field = fc.record({ name: byteText.filter((name) => name !== ''), value: byteText });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 10 }), (fields) => {
        expect(read(canonicalForm(fields, php))).toEqual(fields);
      }),
    );
  });
});

describe('signedFields', () => {
  it('drops empty values, and zeros where the reading says so, and sorts by byte', () => {
    const fields = ['b', 'a', 'B', '_', 'é'].map((name) => ({ name, value: '1' }));
    const all = [...fields, { name: 'x', value: '' }, { name: 'y', value: '0' }];
    const names = (reading: FormReading) => signedFields(all, reading).map(({ name }) => name);
    expect(names(php)).toEqual(['B', '_', 'a', 'b', 'y', 'é']);
    expect(names({ ...php, zero: 'dropped' })).toEqual(['B', '_', 'a', 'b', 'é']);
  });
});

describe('the order of fields', () => {
  const fields = ['b1', 'a1', 'c1', 'a2', 'B1', 'a3', 'b2'].map((text) => ({
    name: text.charAt(0),
    value: text.charAt(1),
  }));

  it.each([
    ['as they come', fields],
    ['the other way round', fields.toReversed()],
  ])('is that of their names, and within a name %s', (_order, all) => {
    const ofName = (wanted: string) => all.filter(({ name }) => name === wanted);
    const sorted = ['B', 'a', 'b', 'c'].flatMap(ofName);
    expect(signedFields(all, php)).toEqual(sorted);
    const text = sorted.map(({ name, value }) => `${name}${value}`).join('');
    expect(Buffer.from(pairsMessage(all)).toString('latin1')).toBe(text);
  });

  it('is not changed in what the caller holds', () => {
    const all = Object.freeze(fields.slice());
    pairsMessage(all);
    signedFields(all, php);
    expect(all).toEqual(fields);
  });
});

describe('usefulReadings', () => {
  const readings = (['encoded', 'bare'] as const).flatMap((tilde) =>
    (['kept', 'dropped'] as const).map((zero) => ({ name: `${tilde} ${zero}`, tilde, zero })),
  );
  const useful = (...values: string[]) =>
    usefulReadings(
      values.map((value, index) => ({ name: `f${index}`, value })),
      readings,
    ).map(({ name }) => name);

  it('tries only readings that make a difference, in their order', () => {
    expect(useful('x')).toEqual(['encoded kept']);
    expect(useful('x~')).toEqual(['encoded kept', 'bare kept']);
    expect(useful('0')).toEqual(['encoded kept', 'encoded dropped']);
    expect(useful('~', '0')).toEqual(readings.map(({ name }) => name));
  });
});
