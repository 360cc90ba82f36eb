import { namespaceOf, readCollectionRef } from '../classes/collection-ref.js';
import { invalidOption } from '../errors.js';
import { readText, refuseUnknown } from '../validation.js';
import {
  classDependency,
  EVERYTHING,
  movedByCollection,
  movedByDocument,
  tagDependency,
  tenantDependency,
} from '../validity/dependencies.js';
import { documentIdText } from '../validity/document-id.js';
import type { Invalidation } from './requests.js';

/** At most so many documents one by one; more than that, and the whole collection is cheaper to move. */
const MOST_DOCUMENTS = 1_000;

const KNOWN = ['collections', 'documents', 'tags', 'classes', 'tenants', 'all', 'after'];

/** What moves, each once, in one order. @throws INVALID_OPTION, also if nothing is named */
export const dependenciesMovedBy = (
  invalidation: Invalidation,
  database: string,
): readonly string[] => {
  refuseUnknown('', invalidation, KNOWN);
  const { collections, documents, tags, classes, tenants, all } = invalidation;
  if (all !== undefined && typeof all !== 'boolean')
    throw invalidOption('all', all, 'true or false');
  const moved = new Set<string>([
    ...(all === true ? [EVERYTHING] : []),
    ...listOf('collections', collections).flatMap((ref, index) =>
      movedByCollection(namespaceOf(readCollectionRef(`collections.${index}`, ref), database)),
    ),
    ...listOf('documents', documents).flatMap((one, index) =>
      movedByDocuments(one, `documents.${index}`, database),
    ),
    ...texts('tags', tags).map(tagDependency),
    ...texts('classes', classes).map(classDependency),
    ...texts('tenants', tenants).map(tenantDependency),
  ]);
  if (moved.size === 0) {
    throw invalidOption(
      'invalidation',
      invalidation,
      'at least one of collections, documents, tags, classes, tenants, or all: true',
    );
  }
  return [...moved].sort();
};

const movedByDocuments = (one: unknown, option: string, database: string): readonly string[] => {
  refuseUnknown(option, one, ['collection', 'ids']);
  const { collection, ids } = one as { collection?: unknown; ids?: unknown };
  const namespace = namespaceOf(readCollectionRef(`${option}.collection`, collection), database);
  if (!Array.isArray(ids) || ids.length === 0) {
    throw invalidOption(`${option}.ids`, ids, 'a list of at least one _id');
  }
  const named = ids.map(documentIdText);
  // An id that may be equal to one that is written differently says too little.
  if (named.length > MOST_DOCUMENTS || named.includes(undefined))
    return movedByCollection(namespace);
  return named.flatMap((id) => (id === undefined ? [] : movedByDocument(namespace, id)));
};

const listOf = (option: string, value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length > 0) return value;
  throw invalidOption(option, value, 'a list of at least one');
};

const texts = (option: string, value: unknown): readonly string[] =>
  listOf(option, value).map((one, index) => readText(`${option}.${index}`, one));
