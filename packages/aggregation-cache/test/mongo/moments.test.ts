import type {} from '@nestcms/testbed';
import { BSON, type Timestamp } from 'mongodb';
import { describe, expect, inject, it } from 'vitest';
import { definePipelineClass } from '../../src/index.js';
import { resolveOptions } from '../../src/options.js';
import { MongoSource } from '../../src/router/mongo-source.js';
import { aggregation } from '../support/aggregation.js';
import { insertEverywhere, openClient, openDatabase } from '../support/open-cache.js';

const numbers = definePipelineClass<void, { n: number }>({
  name: 'numbers',
  collection: 'numbers',
  pipeline: [],
  members: [{ replica: 'replica1' }],
});

describe('a read of an exact moment', () => {
  it('says which one, and the same one is read again after the data has changed', async () => {
    const { client } = await openClient(inject('mongodbUri'));
    const database = openDatabase(client);
    await insertEverywhere(database, 'numbers', [{ _id: 1 as never, n: 1 }]);
    const source = new MongoSource({
      ...resolveOptions({ client, database }),
      events: { emit: () => {} },
    });
    const read = async (moment: 'any' | Timestamp, from = numbers) => {
      const answer = await source.fetch({ pipelineClass: from, operation: aggregation(), moment });
      return { ...answer, ns: answer.rows.map((row) => BSON.deserialize(row).n) };
    };
    const first = await read('any');
    expect(first).toMatchObject({ ns: [1], asOf: first.moment, storable: true });
    await database.collection('numbers').updateOne({}, { $set: { n: 2 } });
    const again = await read(first.moment ?? 'any');
    expect(again).toMatchObject({ ns: [1], moment: first.moment });
    // As of a write, which comes before the moment.
    const after = await source.currentPoint();
    const request = {
      pipelineClass: numbers,
      operation: aggregation(),
      moment: 'any' as const,
      after,
    };
    const later = await source.fetch(request);
    expect(later.rows.map((row) => BSON.deserialize(row).n)).toEqual([2]);
    expect(later.moment?.compare(after?.operationTime as Timestamp)).not.toBe(-1);
    source.close();
  });
});
