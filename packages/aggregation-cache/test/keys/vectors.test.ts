import { readdirSync, readFileSync } from 'node:fs';
import { BSON, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { cacheKey } from '../../src/index.js';

/**
 * Runs any file of the shape of `test/vectors/cache-keys.json`: those in that folder, or those that
 * `CACHE_KEY_VECTORS` names, with colons between.
 */
interface Pair {
  readonly label: string;
  readonly left: unknown;
  readonly right: unknown;
}

interface Vectors {
  readonly differ: readonly Pair[];
  readonly same: readonly Pair[];
}

interface Question {
  readonly collection: string;
  readonly pipeline: Document[];
  readonly options?: Document;
}

const folder = new URL('../vectors/', import.meta.url);
const files =
  process.env.CACHE_KEY_VECTORS?.split(':') ??
  readdirSync(folder)
    .filter((name) => /^cache-keys.*\.json$/.test(name))
    .map((name) => new URL(name, folder));

const read = (side: unknown): Question =>
  BSON.EJSON.parse(JSON.stringify(side), { relaxed: false }) as Question;

/**
 * Extended JSON has no spelling for a document that only looks like extended JSON. A pair that must
 * differ and is spelled the same on both sides therefore means: the value, and the document.
 */
const readOther = ({ left, right }: Pair): Question =>
  JSON.stringify(left) === JSON.stringify(right) ? (right as Question) : read(right);

const keyOf = ({ collection, pipeline, options }: Question): string =>
  cacheKey({ database: 'shop', collection, pipeline, options });

describe.each(files.map((file) => [String(file), file]))('the pairs of %s', (_, file) => {
  const { differ, same } = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

  it.each(differ.map((pair) => [pair.label, pair] as const))('differ: %s', (_label, pair) => {
    expect(keyOf(read(pair.left))).not.toBe(keyOf(readOther(pair)));
  });

  it.each(same.map((pair) => [pair.label, pair] as const))(
    'are shared: %s',
    (_label, { left, right }) => {
      expect(keyOf(read(left))).toBe(keyOf(read(right)));
    },
  );
});
