import type { Document } from 'mongodb';
import {
  catalogueChange,
  EVERYTHING,
  movedByCollection,
  movedByDocument,
} from '../validity/dependencies.js';
import { documentIdText } from '../validity/document-id.js';

/** The part of a change event that is asked for. */
export interface ChangeEvent {
  readonly operationType: string;
  readonly ns?: { readonly db: string; readonly coll?: string } | undefined;
  readonly to?: { readonly db: string; readonly coll: string } | undefined;
  readonly documentKey?: Document | undefined;
}

/** Events about one document. All others are about a whole collection, or more. */
const OF_ONE_DOCUMENT = new Set(['insert', 'update', 'replace', 'delete']);

/** What an event makes void. Whatever is not understood makes void whatever it may be about. */
export const changedBy = (event: ChangeEvent): readonly string[] => {
  const { operationType, ns, to, documentKey } = event;
  if (ns?.db === undefined || ns.coll === undefined) return [EVERYTHING];
  const namespace = `${ns.db}.${ns.coll}`;
  if (OF_ONE_DOCUMENT.has(operationType)) {
    const id = documentKey === undefined ? undefined : documentIdText(documentKey._id);
    return id === undefined ? movedByCollection(namespace) : movedByDocument(namespace, id);
  }
  const namespaces = to === undefined ? [namespace] : [namespace, `${to.db}.${to.coll}`];
  return namespaces.flatMap((one) => [...movedByCollection(one), catalogueChange(one)]);
};
