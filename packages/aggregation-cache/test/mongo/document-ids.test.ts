import fc from 'fast-check';
import { Binary, BSON, type Document, UUID } from 'mongodb';
import { expect, inject, it } from 'vitest';
import { documentIdText } from '../../src/validity/document-id.js';
import { openClient, openDatabase } from '../support/open-cache.js';

const small = fc.integer({ min: -3, max: 3 });
const whole = fc.oneof(small, fc.constantFrom(2 ** 31, 2 ** 53, 2 ** 53 - 1, 2 ** 60, -(2 ** 62)));
const bytes = fc.uint8Array({ maxLength: 2 }).map((one) => one.map((byte) => byte % 2));
const id = fc.oneof(
  whole,
  whole.map((one) => new BSON.Double(one)),
  whole.map((one) => BSON.Long.fromBigInt(BigInt(one))),
  small.map((one) => new BSON.Int32(one)),
  small.map((one) => BSON.Decimal128.fromString(`${one}.0`)),
  fc.constantFrom(
    0.5,
    new BSON.Double(-0),
    Number.NaN,
    Infinity,
    BSON.Decimal128.fromString('NaN'),
  ),
  fc.constantFrom(BSON.Long.MAX_UNSIGNED_VALUE, BSON.Long.MAX_VALUE, new BSON.Double(2 ** 63)),
  fc.constantFrom(
    '',
    'a',
    'A',
    '1',
    'é',
    'e\u0301',
    'a\0',
    new BSON.BSONSymbol('a'),
    new BSON.Code('a'),
  ),
  fc.boolean(),
  small.map((one) => new Date(one)),
  small.map((one) => new BSON.Timestamp({ t: 0, i: one + 3 })),
  fc
    .tuple(bytes, fc.constantFrom(0, 2, 4, 5, 128))
    .map(([one, subtype]) => new Binary(one, subtype)),
  bytes.map((one) => Buffer.from(one)),
  fc.constantFrom(new UUID('00112233-4455-4677-8899-aabbccddeeff')),
  fc.constantFrom(new BSON.ObjectId('0'.repeat(24)), new BSON.ObjectId('1'.repeat(24))),
  fc.constantFrom<unknown>(null, {}, { a: 1 }, { a: new BSON.Double(1) }, new BSON.MinKey()),
);

/** Of those that are equal for the server, none may have another canonical text. */
it('whatever the server takes for the same id has one text, or none', async () => {
  const { client } = await openClient(inject('mongodbUri'));
  const collection = openDatabase(client).collection<{ _id: unknown }>('ids');
  const ids = fc.sample(id, { numRuns: 600, seed: 7 });
  for (const one of ids) {
    await collection.updateOne(
      { _id: { $eq: one } } as Document,
      { $set: { seen: 1 } },
      { upsert: true },
    );
  }
  const stored = await collection.find({}, { promoteValues: false }).toArray();
  expect(stored.length).toBeGreaterThan(30);
  let pairs = 0;
  for (const one of ids) {
    const wanted = documentIdText(one);
    if (wanted === undefined) continue;
    for (const form of [{ _id: one }, { _id: { $in: [one] } }]) {
      const found = await collection.find(form as Document, { promoteValues: false }).toArray();
      expect(found.length).toBe(1);
      const has = documentIdText(found[0]?._id);
      // Without a text the whole collection is invalidated.
      if (has === undefined) continue;
      pairs += 1;
      expect(has).toBe(wanted);
    }
  }
  expect(pairs).toBeGreaterThan(500);
});
