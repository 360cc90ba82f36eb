import { readFileSync } from 'node:fs';
import { BSON, type Document } from 'mongodb';

/** The text of a stored sample, such as `outbox-v1`. */
export const readSample = (name: string): string =>
  readFileSync(new URL(`../samples/${name}.json`, import.meta.url), 'utf8');

/** A stored sample as a document, each number in its BSON type. */
export const sample = <T extends Document>(name: string): T =>
  BSON.EJSON.parse(readSample(name), { relaxed: false }) as T;

/** The version of a document, and names and BSON types without the values. Not for the order of the names. */
export function formOf(document: Document): unknown {
  const shape = (value: unknown): unknown => {
    if (value === null || typeof value !== 'object') return typeof value;
    if (Array.isArray(value)) return value.map(shape);
    const [first = ''] = Object.keys(value);
    if (first.startsWith('$')) return first;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]));
  };
  return [Number(document.v), shape(BSON.EJSON.serialize(document, { relaxed: false }))];
}
