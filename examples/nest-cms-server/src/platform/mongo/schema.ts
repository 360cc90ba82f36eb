import type { Db, Document, IndexDescription } from 'mongodb';

/** Nest token of the list of all {@link CollectionSpec}s. */
export const COLLECTIONS = Symbol('CollectionSpecs');

/**
 * A collection as its owner wants it: made, indexed and validated at start, in any order and any number of times.
 * Each feature exports its own; `src/collections.ts` lists them.
 */
export interface CollectionSpec {
  readonly name: string;
  readonly indexes: readonly IndexDescription[];
  /** A `$jsonSchema` (or other) validator of the server, in addition to the schemas at the edge. */
  readonly validator?: Document;
}

const NAMESPACE_EXISTS = 48;

/** Makes every collection with its validator and indexes. What is there already stays as it is. */
export async function ensureCollections(db: Db, specs: readonly CollectionSpec[]): Promise<void> {
  const names = new Set<string>();
  for (const spec of specs) {
    if (names.has(spec.name)) throw new Error(`The collection ${spec.name} is declared twice`);
    names.add(spec.name);
  }
  await Promise.all(specs.map((spec) => ensureCollection(db, spec)));
}

async function ensureCollection(db: Db, spec: CollectionSpec): Promise<void> {
  const validator = spec.validator === undefined ? {} : { validator: spec.validator };
  try {
    await db.createCollection(spec.name, validator);
  } catch (error) {
    if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
    if (spec.validator !== undefined) await db.command({ collMod: spec.name, ...validator });
  }
  if (spec.indexes.length > 0) await db.collection(spec.name).createIndexes([...spec.indexes]);
}
