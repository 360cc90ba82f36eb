import type { Document, MongoClient } from 'mongodb';

/** What a database says a collection is. */
export type CatalogueEntry =
  | {
      readonly kind: 'collection';
      /** Old documents leave it without a word. */
      readonly isCapped: boolean;
      /** Its texts are compared by rules of its own. */
      readonly hasCollation: boolean;
    }
  | { readonly kind: 'timeseries' }
  | {
      readonly kind: 'view';
      /** The collection or view behind it, in the same database. */
      readonly on: string;
      readonly pipeline: readonly Document[];
    }
  /** A view, and this user may not see what is behind it. */
  | { readonly kind: 'hidden' };

/** Says what a collection is; undefined if there is none of that name. Rejects if it could not be asked. */
export type Catalogue = (
  database: string,
  collection: string,
) => Promise<CatalogueEntry | undefined>;

/** The server's code for what a user has no right to. */
const UNAUTHORIZED = 13;
/** Milliseconds a member may look through its catalogue. */
const MAX_TIME_MS = 1_000;

/** What `listCollections` says, for users with the right to it; what kind it is, for others. */
export const mongoCatalogue = (client: Pick<MongoClient, 'db'>): Catalogue => {
  const list = async (database: string, name: string, more: object) => {
    const cursor = client
      .db(database)
      .listCollections(
        { name },
        { readPreference: 'primaryPreferred', maxTimeMS: MAX_TIME_MS, ...more },
      );
    const [found] = await cursor.toArray();
    return found as Document | undefined;
  };
  return async (database, name) => {
    try {
      return entryOf(await list(database, name, {}));
    } catch (error) {
      if ((error as { code?: unknown } | undefined)?.code !== UNAUTHORIZED) throw error;
    }
    const found = await list(database, name, { nameOnly: true, authorizedCollections: true });
    return found?.type === 'collection' ? ALMOST_UNKNOWN : { kind: 'hidden' };
  };
};

/** Without its options nothing speaks for telling its documents apart. */
const ALMOST_UNKNOWN: CatalogueEntry = { kind: 'collection', isCapped: false, hasCollation: true };

const entryOf = (found: Document | undefined): CatalogueEntry | undefined => {
  if (found === undefined) return undefined;
  const options = (found.options ?? {}) as Document;
  switch (found.type) {
    case 'view':
      return {
        kind: 'view',
        on: String(options.viewOn),
        pipeline: (options.pipeline ?? []) as Document[],
      };
    case 'timeseries':
      return { kind: 'timeseries' };
    default:
      return {
        kind: 'collection',
        isCapped: options.capped === true,
        hasCollation: options.collation !== undefined,
      };
  }
};
