import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Binary, BSON, Decimal128, type Document, Long, ObjectId } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { decodeRows, rowTypesOf } from '../rows/decode-rows.js';
import { weigh } from './weigh.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const used = () => {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const fields = (count: number) => (n: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`field${index}`, n + index]));

describe('the weight of rows', () => {
  it.each<[string, (n: number) => Document]>([
    ['small fields', (n) => ({ _id: n, a: 1, b: true })],
    ['ten fields', fields(10)],
    ['dates', (n) => ({ a: new Date(n), b: new Date(n), c: new Date(n) })],
    ['ids', () => ({ a: new ObjectId(), b: new ObjectId(), c: new ObjectId() })],
    ['decimals', (n) => ({ a: Decimal128.fromString(`${n}.5`), b: Decimal128.fromString('1') })],
    ['long integers', (n) => ({ a: Long.fromString('9007199254740993').add(n), b: n + 0.5 })],
    ['short texts', (n) => ({ a: `text ${n}`, b: `${n}` })],
    ['long texts', (n) => ({ a: `${n}`.padEnd(1_000, 'x') })],
    ['wide texts', (n) => ({ a: `${n}`.padEnd(500, '\u{4e2d}') })],
    ['short lists', (n) => ({ a: [n], b: [{ n }] })],
    ['long lists', (n) => ({ a: Array.from({ length: 100 }, (_, index) => n + index) })],
    ['documents in documents', (n) => ({ a: { b: { c: n } }, d: { e: n } })],
    ['bytes', () => ({ a: new Binary(Buffer.alloc(16)) })],
  ])('is within half and double of what they take: %s', async (_, make) => {
    const bytes = Array.from({ length: 30_000 }, (_, n) => BSON.serialize(make(n)));
    const before = used();
    const rows = await decodeRows(bytes, rowTypesOf({}), { name: 'x' });
    const taken = used() - before;
    const ratio = taken / weigh(rows);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
    // The bytes are kept by the test alone, and must be until here.
    expect(bytes).toHaveLength(rows.length);
  });

  it('counts many fields as the larger of the two ways in which they are kept', () => {
    // As a table, measured where the engine made one; a third of that or less where it did not.
    expect(weigh(fields(20)(0))).toBe(928);
    expect(weigh(fields(30)(0))).toBe(1_696);
    expect(weigh(fields(50)(0))).toBe(3_232);
  });

  it.each([[true], [null], [undefined], [7], [-7]])('of %s alone is that of its field', (value) => {
    expect(weigh(value)).toBe(0);
  });
});
