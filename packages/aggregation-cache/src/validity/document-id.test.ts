import { Binary, BSON, UUID } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { documentIdText } from './document-id.js';

const uuid = new UUID();

describe('the text of an id', () => {
  it.each([
    ['a whole number', [1, 1n, new BSON.Int32(1), new BSON.Double(1), BSON.Long.fromNumber(1)]],
    [
      'a large one',
      [2 ** 60, 2n ** 60n, BSON.Long.fromBigInt(2n ** 60n), new BSON.Double(2 ** 60)],
    ],
    ['zero', [0, -0, 0n, new BSON.Double(-0)]],
    [
      'an unsigned Long, which is sent as a signed one',
      [-1, BSON.Long.fromNumber(-1), BSON.Long.MAX_UNSIGNED_VALUE],
    ],
    ['a text', ['a', new BSON.BSONSymbol('a')]],
    ['bytes', [Buffer.from('a'), new Uint8Array([97]), new Binary(Buffer.from('a'))]],
    ['bytes of every subtype', [uuid, new Binary(uuid.buffer, 0), Buffer.from(uuid.buffer)]],
    ['a time', [new Date(5), new Date(5)]],
  ])('is one for %s in every form', (_, ids) => {
    expect(new Set(ids.map(documentIdText)).size).toBe(1);
    expect(documentIdText(ids[0])).toBeDefined();
  });

  it.each([
    [true, 'b1'],
    [false, 'b0'],
    [7, 'i7'],
    [new Date(5), 'd5'],
    [new Date(-5), 'd-5'],
    [new BSON.ObjectId('0123456789abcdef01234567'), 'o0123456789abcdef01234567'],
  ])('of %s is %s, as it lies in the remote store', (id, text) => {
    expect(documentIdText(id)).toBe(text);
  });

  it('tells apart what MongoDB does', () => {
    const id = new BSON.ObjectId();
    const ids = [
      '1',
      1,
      true,
      new Date(1),
      id,
      id.toHexString(),
      uuid,
      uuid.toHexString(),
      'true',
      2,
      '',
      'b',
      Buffer.from('1'),
      2 ** 60,
      2n ** 60n + 1n,
      1e300,
    ];
    expect(new Set(ids.map(documentIdText)).size).toBe(ids.length);
  });

  it.each([
    1.5,
    Number.NaN,
    Infinity,
    null,
    undefined,
    [],
    [1],
    {},
    { a: 1 },
    /a/,
    new BSON.Decimal128('1'),
    new BSON.MinKey(),
    new BSON.Timestamp({ t: 1, i: 1 }),
    new Date(Number.NaN),
    2n ** 64n,
    '\ud800',
    () => 1,
    new BSON.BSONRegExp('a'),
    new Map(),
  ])('is not made of %s', (id) => {
    expect(documentIdText(id)).toBeUndefined();
  });

  it('does not show texts and bytes, which may be personal', () => {
    expect(documentIdText('ada@example.org')).toMatch(/^s[\w-]{22}$/);
    expect(documentIdText(Buffer.from('ada@example.org'))).toMatch(/^x[\w-]{22}$/);
  });
});
