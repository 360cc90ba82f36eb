import type {} from '@nestcms/testbed';
import { Timestamp } from 'mongodb';
import { describe, expect, inject, it } from 'vitest';
import { encodeCursor } from '../../src/cache/page-cursor.js';
import { type AggregationCache, definePipelineClass } from '../../src/index.js';
import { insertEverywhere, openCache, openClient, openDatabase } from '../support/open-cache.js';

const numbers = definePipelineClass<void, { _id: number; text: string }>({
  name: 'numbers',
  collection: 'numbers',
  pipeline: [{ $sort: { _id: 1 } }],
  members: [{ replica: 'replica3' }],
});

const COUNT = 250;

const open = async (options: { maxEntryBytes?: number; text?: string } = {}) => {
  const { client, sent } = await openClient(inject('mongodbUri'));
  const database = openDatabase(client);
  const { text = 'x', ...others } = options;
  const documents = Array.from({ length: COUNT }, (_, _id) => ({ _id: _id as never, text }));
  await insertEverywhere(database, 'numbers', documents);
  const cache = openCache({ client, database, ...others });
  const reasons: string[] = [];
  cache.events.on('notStored', ({ reason }) => reasons.push(reason));
  return { database, cache, sent, reasons };
};

const idsOf = async (cache: AggregationCache) => {
  const batches: number[][] = [];
  for await (const rows of cache.stream(numbers)) batches.push(rows.map(({ _id }) => _id));
  return batches;
};

const all = Array.from({ length: COUNT }, (_, index) => index);

describe('a stream', () => {
  it('gives the rows as they come, keeps them when all have, and then has them at once', async () => {
    const { cache, sent } = await open();
    const batches = await idsOf(cache);
    expect(batches.length).toBeGreaterThan(1);
    expect(batches.flat()).toEqual(all);
    const asked = sent.length;
    expect(await idsOf(cache)).toEqual([all]);
    expect((await cache.read(numbers)).source).toBe('memory');
    expect(sent).toHaveLength(asked);
  });

  it('that is left early keeps nothing, and ends its cursor', async () => {
    const { cache, database } = await open();
    for await (const rows of cache.stream(numbers)) {
      expect(rows.length).toBeGreaterThan(0);
      break;
    }
    expect((await cache.read(numbers)).source).toBe('member');
    const { cursor } = (await database.admin().serverStatus()).metrics;
    expect(cursor.open.total).toBeLessThan(50);
  });

  it('of too many bytes is answered and not kept', async () => {
    const { cache, reasons } = await open({ maxEntryBytes: 20_000, text: 'x'.repeat(1_000) });
    expect((await idsOf(cache)).flat()).toEqual(all);
    expect(reasons).toEqual(['tooLarge']);
    expect(cache.stats().memory.entries).toBe(0);
  });
});

describe('the pages of a listing', () => {
  it('are of one moment, whatever is written meanwhile', async () => {
    const { cache, database } = await open();
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await cache.page(numbers, undefined, { size: 100, cursor });
      expect(page.member.tags).toMatchObject({ replica: 'replica3' });
      seen.push(...page.rows.map(({ _id }) => _id));
      cursor = page.next;
      await database.collection('numbers').deleteOne({ _id: (seen.length - 1) as never });
      await database.collection('numbers').insertOne({ _id: -seen.length as never });
    } while (cursor !== undefined);
    expect(seen).toEqual(all);
  });

  it('end with the last row, also where it fills its page', async () => {
    const { cache } = await open();
    const first = await cache.page(numbers, undefined, { size: 125 });
    const last = await cache.page(numbers, undefined, { size: 125, cursor: first.next });
    expect([last.rows.length, last.next]).toEqual([125, undefined]);
  });

  it('refuse a cursor that is none, of another listing, or too old', async () => {
    const { cache } = await open();
    const page = (cursor: string) => cache.page(numbers, undefined, { size: 10, cursor });
    const foreign = encodeCursor({ moment: new Timestamp({ t: 1, i: 1 }), skip: 0 }, 'another');
    for (const cursor of ['', 'x', '!'.repeat(9_000), foreign]) {
      await expect(page(cursor)).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
    }
    const { key } = await cache.prepare(numbers);
    const old = encodeCursor({ moment: new Timestamp({ t: 1_000, i: 1 }), skip: 0 }, key);
    await expect(page(old)).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
    await expect(cache.page(numbers, undefined, { size: 0 })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      details: { option: 'size' },
    });
  });
});
