import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { bsonText, isOfBson, longText, referenceFields, regExpText } from './bson-value.js';

const bytes = (length: number) => new Uint8Array(length);

describe('a value of BSON', () => {
  it('is known by its version, whoever made it', () => {
    expect(isOfBson(new BSON.ObjectId())).toBe(true);
    expect(isOfBson({ [Symbol.for('@@mdb.bson.version')]: 5 })).toBe(true);
    expect(isOfBson({ _bsontype: 'ObjectId' })).toBe(false);
    expect(isOfBson({ '@@mdb.bson.version': 5 })).toBe(false);
    expect(isOfBson({ [Symbol.for('@@mdb.bson.version')]: '5' })).toBe(false);
  });

  it.each([
    ['an id', { _bsontype: 'ObjectId', id: bytes(12) }, `o${'00'.repeat(12)}`],
    ['a decimal', { _bsontype: 'Decimal128', bytes: bytes(16) }, `m${'00'.repeat(16)}`],
    ['a long', { _bsontype: 'Long', low: 1, high: 2 }, 'l1,2;'],
    ['a time', { _bsontype: 'Timestamp', low: 2 ** 31, high: 2 ** 32 - 1 }, `T${-(2 ** 31)},-1;`],
    ['a double', { _bsontype: 'Double', value: -0 }, 'd-0;'],
    ['an integer', { _bsontype: 'Int32', value: 7.9 }, 'i7;'],
    [
      'bytes',
      { _bsontype: 'Binary', buffer: Buffer.from('abc'), position: 2, sub_type: 5 },
      'b5:4:YWI=',
    ],
    ['a pattern', { _bsontype: 'BSONRegExp', pattern: '^a', options: 'xi' }, 'r2:^a2:ix'],
    ['a symbol', { _bsontype: 'BSONSymbol', value: 'abc' }, 'y3:abc'],
    ['the least', { _bsontype: 'MinKey' }, '<'],
    ['the most', { _bsontype: 'MaxKey' }, '>'],
  ])('is written: %s', (_, value, text) => {
    expect(bsonText(value)).toBe(text);
  });

  it.each([
    ['an id that is too short', { _bsontype: 'ObjectId', id: bytes(11) }],
    ['an id in words', { _bsontype: 'ObjectId', id: 'x'.repeat(12) }],
    ['an id that is only as long', { _bsontype: 'ObjectId', id: { length: 12 } }],
    ['a decimal that is too long', { _bsontype: 'Decimal128', bytes: bytes(17) }],
    ['half a long', { _bsontype: 'Long', low: 1 }],
    ['the other half', { _bsontype: 'Long', high: 1 }],
    ['a long in words', { _bsontype: 'Long', low: '1', high: 0.5 }],
    ['half a time', { _bsontype: 'Timestamp', low: 1 }],
    ['the other half of a time', { _bsontype: 'Timestamp', high: 1 }],
    ['a double in words', { _bsontype: 'Double', value: '1' }],
    ['an integer in words', { _bsontype: 'Int32', value: '1' }],
    ['bytes that are none', { _bsontype: 'Binary', buffer: 'a', position: 1, sub_type: 0 }],
    ['bytes without an end', { _bsontype: 'Binary', buffer: bytes(1), sub_type: 0 }],
    ['bytes of no kind', { _bsontype: 'Binary', buffer: bytes(1), position: 1 }],
    ['a pattern with a zero', { _bsontype: 'BSONRegExp', pattern: 'a\0', options: '' }],
    ['a pattern that is none', { _bsontype: 'BSONRegExp', pattern: ['a'], options: '' }],
    ['a pattern without flags', { _bsontype: 'BSONRegExp', pattern: 'a' }],
    ['a symbol that is none', { _bsontype: 'BSONSymbol', value: 1 }],
    ['a type that BSON lacks', { _bsontype: 'Money' }],
    ['a type that every object has', { _bsontype: 'toString' }],
  ])('is not %s', (_, value) => {
    expect(bsonText(value)).toBeUndefined();
  });

  it('is written with each half as a signed one, and flags in their order', () => {
    expect(longText(2 ** 32 - 1, 2 ** 31)).toBe(`l-1,${-(2 ** 31)};`);
    expect(regExpText('a', ['m', 'i', ''])).toBe('r1:a2:im');
  });
});

describe('the fields of a reference', () => {
  it('come in their order, without what is not there', () => {
    const all = { collection: 'a', oid: 5, db: 'shop', fields: { more: 1, none: undefined } };
    expect(Object.entries(referenceFields(all))).toEqual([
      ['$ref', 'a'],
      ['$id', 5],
      ['$db', 'shop'],
      ['more', 1],
    ]);
    expect(referenceFields({ collection: 'a', oid: null, db: null })).toEqual({
      $ref: 'a',
      $id: null,
    });
  });
});
