import { describe, expect, it } from 'vitest';
import {
  catalogueChange,
  catalogueChangedIn,
  classDependency,
  collectionDependency,
  documentDependency,
  EVERYTHING,
  isCoarse,
  movedByCollection,
  movedByDocument,
  tagDependency,
  tenantDependency,
  wholeCollectionDependency,
} from './dependencies.js';

describe('dependencies', () => {
  it('are written as they lie in the remote store', () => {
    expect([
      EVERYTHING,
      collectionDependency('shop.a'),
      wholeCollectionDependency('shop.a'),
      documentDependency('shop.a', 'i1'),
      tagDependency('red'),
      classDependency('contracts'),
      tenantDependency('acme'),
      catalogueChange('shop.a'),
    ]).toEqual([
      '*',
      'c:shop.a',
      'w:shop.a',
      'd:shop.a:i1',
      't:red',
      'k:contracts',
      'n:acme',
      'v:shop.a',
    ]);
  });

  it('say which move with a collection and with a document', () => {
    expect(movedByCollection('shop.a')).toEqual(['c:shop.a', 'w:shop.a']);
    expect(movedByDocument('shop.a', 'i1')).toEqual(['c:shop.a', 'd:shop.a:i1']);
  });

  it('are kept for ever where there are few of their kind', () => {
    const all = ['*', 'c:shop.a', 'w:shop.a', 'd:shop.a:i1', 't:c:w:', 'k:c:', 'n:*', 'v:shop.a'];
    expect(all.filter(isCoarse)).toEqual(['*', 'c:shop.a', 'w:shop.a']);
  });

  it('tell of the collection whose definition changed, and nothing else does', () => {
    expect(catalogueChangedIn('v:shop.a')).toBe('shop.a');
    expect(catalogueChangedIn('c:v:shop.a')).toBeUndefined();
  });
});
