import { BSON, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { EVERY_TYPE } from '../../test/equality/every-type.js';
import { valueRow } from './value-row.js';

const AS_STORED = { promoteValues: false, bsonRegExp: true };
const decoded = (value: unknown): unknown =>
  (BSON.deserialize(valueRow(value), AS_STORED) as { v: unknown }).v;

describe('the row of a value', () => {
  it.each(Object.keys(EVERY_TYPE))('is what BSON itself makes of it: %s', (name) => {
    const stored = BSON.serialize({ v: EVERY_TYPE[name] });
    const { v } = BSON.deserialize(stored, AS_STORED) as { v: unknown };
    expect(Buffer.from(valueRow(v)).toString('hex')).toBe(Buffer.from(stored).toString('hex'));
  });

  it.each([
    ['by itself', (value: unknown) => value],
    ['in a document', (value: unknown) => ({ a: 'a', b: value, c: 'c' })],
    ['in a list of lists', (value: unknown) => ['a', [value, 'c']]],
  ])('keeps undefined, and a time that no date can be: %s', (_, around) => {
    for (const value of [undefined, new Date(Number.NaN)]) {
      expect(decoded(around(value))).toStrictEqual(around(value));
    }
  });

  it('has a field named __proto__ as any other', () => {
    const odd = JSON.parse('{ "__proto__": { "x": [] } }') as Document;
    expect(Buffer.from(valueRow(odd))).toEqual(Buffer.from(BSON.serialize({ v: odd })));
  });
});
