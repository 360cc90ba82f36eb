import { invalidOption } from '../errors.js';
import { readDatabaseName, readText, refuseUnknown } from '../validation.js';

/** A collection of the cache's own database, or one of another, spelled as `$lookup` does. */
export type CollectionRef = string | { readonly db: string; readonly coll: string };

/** `database.collection`: how a collection is called in generations and messages. */
export const namespaceOf = (ref: CollectionRef, database: string): string =>
  typeof ref === 'string' ? `${database}.${ref}` : `${ref.db}.${ref.coll}`;

/** @throws INVALID_OPTION */
export const readCollection = (option: string, value: unknown): string => {
  const name = readText(option, value);
  if (/[\0$]/.test(name) || name.startsWith('.') || name.endsWith('.')) {
    throw invalidOption(option, value, "a collection's name");
  }
  return name;
};

/** @throws INVALID_OPTION */
export const readCollectionRef = (option: string, value: unknown): CollectionRef => {
  if (typeof value === 'string') return readCollection(option, value);
  refuseUnknown(option, value, ['db', 'coll']);
  const { db, coll } = value as { db?: unknown; coll?: unknown };
  return Object.freeze({
    db: readDatabaseName(`${option}.db`, db),
    coll: readCollection(`${option}.coll`, coll),
  });
};
