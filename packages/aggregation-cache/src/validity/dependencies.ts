/**
 * What an answer depends on, as texts. Each has a generation; an answer is good exactly as long as the
 * generations of all of its dependencies stand.
 *
 *     *            everything
 *     c:db.coll    anything in the collection
 *     w:db.coll    the collection as a whole: not moved by a change of single documents
 *     d:db.coll:id one document
 *     t:tag        a tag
 *     k:class      all answers of a class
 *     n:tenant     all answers to a tenant
 *
 * A read of a collection depends on `c:`; one that is provably about given documents, on `w:` and on their `d:`.
 */
export const EVERYTHING = '*';

export const collectionDependency = (namespace: string): string => `c:${namespace}`;
export const wholeCollectionDependency = (namespace: string): string => `w:${namespace}`;
export const tagDependency = (tag: string): string => `t:${tag}`;
export const classDependency = (name: string): string => `k:${name}`;
export const tenantDependency = (tenant: string): string => `n:${tenant}`;

/** @param id canonical text of the document's `_id` */
export const documentDependency = (namespace: string, id: string): string => `d:${namespace}:${id}`;

/** Nothing depends on it: it tells all processes that a collection was made, dropped, renamed or redefined. */
export const catalogueChange = (namespace: string): string => `v:${namespace}`;

/** @returns the namespace, if that is what the dependency tells */
export const catalogueChangedIn = (dependency: string): string | undefined =>
  dependency.startsWith('v:') ? dependency.slice(2) : undefined;

/** What moves when a whole collection is invalidated: whatever depends on it in any way. */
export const movedByCollection = (namespace: string): readonly string[] => [
  collectionDependency(namespace),
  wholeCollectionDependency(namespace),
];

/** What moves when one document is: readers of it, and readers of the collection. */
export const movedByDocument = (namespace: string, id: string): readonly string[] => [
  collectionDependency(namespace),
  documentDependency(namespace, id),
];

/** Whether there are few of its kind, so that its state may be kept for ever. */
export const isCoarse = (dependency: string): boolean =>
  dependency === EVERYTHING || dependency.startsWith('c:') || dependency.startsWith('w:');

export const isOfDocument = (dependency: string): boolean => dependency.startsWith('d:');
