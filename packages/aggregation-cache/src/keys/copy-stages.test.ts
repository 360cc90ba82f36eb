import { Binary, BSON, UUID } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { isAggregationCacheError } from '../errors.js';
import { copyStages } from './copy-stages.js';

const options = { ignoreUndefined: false };
const bytesOf = (value: unknown) => Buffer.from(BSON.serialize({ value })).toString('hex');

class Address {
  street = 'one';
}

class Sent {
  inner = { name: 'one' };
  toBSON() {
    return this.inner;
  }
}

/** Each value, and how its owner changes it later. */
const changed = <T>(value: T, change: (value: T) => void): [string, unknown, () => void] => [
  String((value as { _bsontype?: string })._bsontype ?? Object(value).constructor.name),
  value,
  () => change(value),
];

const values = [
  changed(new BSON.ObjectId(), ({ id }) => id.fill(1)),
  changed(new Binary(Buffer.from('one')), (binary) => binary.buffer.fill(1)),
  changed(new UUID(), (uuid) => uuid.buffer.fill(1)),
  changed(new BSON.Decimal128('1.5'), ({ bytes }) => bytes.fill(1)),
  changed(new BSON.Double(1), (double) => Object.assign(double, { value: 2 })),
  changed(new BSON.Int32(1), (int) => Object.assign(int, { value: 2 })),
  changed(BSON.Long.fromNumber(1), (long) => Object.assign(long, { low: 2 })),
  changed(new BSON.Timestamp({ t: 1, i: 1 }), (time) => Object.assign(time, { low: 2 })),
  changed(new BSON.BSONRegExp('one', 'i'), (regExp) => Object.assign(regExp, { pattern: 'two' })),
  changed(new BSON.BSONSymbol('one'), (symbol) => Object.assign(symbol, { value: 'two' })),
  changed(new BSON.Code('one', { a: 1 }), ({ scope }) => Object.assign(scope ?? {}, { a: 2 })),
  changed(new BSON.DBRef('one', new BSON.ObjectId()), ({ oid }) => oid.id.fill(1)),
  changed(new BSON.MinKey(), () => {}),
  changed(new BSON.MaxKey(), () => {}),
  changed(Buffer.from('one'), (bytes) => bytes.write('two')),
  changed(new Uint8Array([1, 2, 3]), (bytes) => bytes.fill(9)),
  changed(new Date(0), (date) => date.setTime(1)),
  changed(/one/i, () => {}),
  changed(new Map<string, unknown>([['a', { b: 1 }]]), (map) => map.set('a', 2)),
  changed(new Map([['a', Buffer.from('one')]]), (map) => map.get('a')?.write('two')),
  changed([{ a: [1] }], ([first]) => first?.a.push(2)),
  changed({ deep: { a: 1 } }, ({ deep }) => Object.assign(deep, { a: 2 })),
  changed({ $id: 1, $ref: 'one' }, (literal) => Object.assign(literal, { $ref: 'two' })),
  changed(new Address(), (address) => Object.assign(address, { street: 'two' })),
  changed(new Sent(), ({ inner }) => Object.assign(inner, { name: 'two' })),
];

describe('the copy of a pipeline', () => {
  it('is tried with every type of BSON', () => {
    const names = values.map(([name]) => name);
    const bsonTypes = Object.values(BSON)
      .map((one) => (one as { prototype?: { _bsontype?: unknown } }).prototype?._bsontype)
      .filter((name) => name !== undefined);
    expect(names).toEqual(expect.arrayContaining([...new Set(bsonTypes)]));
  });

  it.each(values)('keeps %s as it was, whatever its owner does to it', (_, value, change) => {
    const before = bytesOf(value);
    const [{ value: copied } = {}] = copyStages([{ value }], options);
    expect(bytesOf(copied)).toBe(before);
    change();
    expect(bytesOf(copied)).toBe(before);
  });

  it('takes plain values as they are, -0 and integers of 64 bits among them', () => {
    const stages = [{ $match: { a: -0, b: 1n, c: 'x', d: null, e: undefined, f: true } }];
    expect(copyStages(stages, options)).toStrictEqual(stages);
  });

  it.each([
    ['a set', new Set([1])],
    ['a function within a map', new Map([['a', () => 1]])],
    ['what claims to be of BSON and is not', { _bsontype: 'ObjectId' }],
  ])('refuses %s', (_, value) => {
    let thrown: unknown;
    try {
      copyStages([{ $match: { value } }], options);
    } catch (error) {
      thrown = error;
    }
    expect(isAggregationCacheError(thrown, 'UNSUPPORTED_VALUE')).toBe(true);
  });
});
