import type { Document } from 'mongodb';
import { unsupported } from './canonical.js';

/**
 * The stages as they are now. The driver reads a pipeline long after its key was made; were it still the
 * caller's own, a change in between would put the answer of one question under the key of another.
 * BSON's own values are passed on, for nobody writes into them.
 * @throws UNSUPPORTED_VALUE for a cycle
 */
export const copyStages = (stages: readonly Document[]): Document[] =>
  stages.map((stage, index) => copy(stage, `pipeline.${index}`, []) as Document);

const copy = (value: unknown, path: string, above: readonly object[]): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (!Array.isArray(value) && !isLiteral(value)) return value;
  if (above.includes(value)) throw unsupported(path, 'cycle');
  const chain = [...above, value];
  if (Array.isArray(value)) {
    return value.map((item, index) => copy(item, `${path}.${index}`, chain));
  }
  // `fromEntries`, for a key such as `__proto__` must become an own field like any other.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, copy(item, `${path}.${key}`, chain)]),
  );
};

/** An object of the plain kind: anything else may mean more than its fields say. */
const isLiteral = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain && typeof (value as { toBSON?: unknown }).toBSON !== 'function';
};
