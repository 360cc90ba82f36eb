import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { cacheKey } from './cache-key.js';

const keyOf = (filter: Document) =>
  cacheKey({ database: 'shop', collection: 'a', pipeline: [{ $match: filter }] });

/** Apart from the others: to write 4 MiB takes long. */
describe('a small object that unfolds without end', () => {
  it('is refused', () => {
    let bomb: Document = { a: 1 };
    for (let level = 0; level < 100; level += 1) bomb = { a: bomb, b: bomb };
    expect(() => keyOf({ bomb })).toThrow(/4 MiB/);
  }, 20_000);

  it('is refused as a list too', () => {
    expect(() => keyOf({ holes: Object.assign([], { length: 2 ** 30 }) })).toThrow(/4 MiB/);
  }, 20_000);
});
