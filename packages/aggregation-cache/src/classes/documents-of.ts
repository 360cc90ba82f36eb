import { documentIdText } from '../validity/document-id.js';

/** The most documents a read depends on one by one; more would be dearer than to depend on the collection. */
const MOST = 16;

/**
 * Canonical ids of the documents that a condition on `_id` admits: a value, `$eq`, or `$in` of a few.
 * Undefined if that cannot be proved.
 */
export const documentsOf = (
  id: { readonly value: unknown } | undefined,
): readonly string[] | undefined => {
  if (id === undefined) return undefined;
  const ids = admitted(id.value)?.map(documentIdText);
  if (ids === undefined || ids.some((one) => one === undefined)) return undefined;
  return [...new Set(ids as readonly string[])];
};

const admitted = (condition: unknown): readonly unknown[] | undefined => {
  if (!isDocument(condition)) return [condition];
  const [[operator, value] = [], ...others] = Object.entries(condition);
  if (others.length > 0) return undefined;
  if (operator === '$eq') return [value];
  return operator === '$in' && Array.isArray(value) && value.length <= MOST ? value : undefined;
};

const isDocument = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
