import { describe, expect, it } from 'vitest';
import {
  defineCountClass,
  defineDistinctClass,
  defineFindClass,
  defineFindOneClass,
} from './define-filter-classes.js';

const good = { name: 'a', collection: 'a' };

const refused = (option: string, code = 'INVALID_OPTION') =>
  expect.objectContaining({ code, details: expect.objectContaining({ option }) });

describe('a class of documents', () => {
  it.each<[object, string]>([
    [{ filter: 'x' }, 'filter'],
    [{ filter: [] }, 'filter'],
    [{ filter: null }, 'filter'],
    [{ projection: 5 }, 'projection'],
    [{ skip: -1 }, 'skip'],
    [{ skip: 1.5 }, 'skip'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 'all' }, 'limit'],
    [{ sort: null }, 'sort'],
    [{ pipeline: [] }, 'pipeline'],
    [{ ttlMs: 0 }, 'ttlMs'],
    [{ collection: '' }, 'collection'],
  ])('that could never work is refused: %o', (bad, option) => {
    expect(() => defineFindClass({ ...good, ...bad } as never)).toThrow(refused(option));
  });

  it('of one document sets its limit itself', () => {
    expect(() => defineFindOneClass({ ...good, limit: 2 } as never)).toThrow(refused('limit'));
    expect(defineFindOneClass(good).build()).toMatchObject({ kind: 'find', options: { limit: 1 } });
  });

  it('does not change with what it was made from', () => {
    const filter = { a: { since: new Date(0) } };
    const made = defineFindClass({ ...good, filter });
    filter.a.since.setTime(1);
    expect(made.build()).toMatchObject({ filter: { a: { since: new Date(0) } } });
  });

  it('leaves out what was built of nothing', () => {
    const made = defineFindClass({
      ...good,
      sort: () => undefined as never,
      limit: () => undefined as never,
    });
    expect(made.build()).toEqual({ kind: 'find', filter: {}, options: {} });
  });

  it('is constant only if nothing of it is built', () => {
    expect(defineFindClass({ ...good, filter: { a: 1 }, limit: 5 }).isConstant).toBe(true);
    expect(defineFindClass({ ...good, filter: () => ({}) }).isConstant).toBe(false);
    expect(defineFindClass({ ...good, limit: () => 5 }).isConstant).toBe(false);
    expect(defineFindClass({ ...good, tags: () => [] }).isConstant).toBe(false);
  });
});

describe('a class of numbers and one of values', () => {
  it('take no options that mean nothing to them', () => {
    expect(() => defineCountClass({ ...good, sort: { a: 1 } } as never)).toThrow(refused('sort'));
    expect(() => defineCountClass({ ...good, options: { allowDiskUse: true } })).toThrow(
      refused('options.allowDiskUse'),
    );
    expect(() => defineDistinctClass({ ...good, field: 'a', options: { let: {} } })).toThrow(
      refused('options.let'),
    );
    expect(() => defineDistinctClass({ ...good, field: ' ' })).toThrow(refused('field'));
    expect(() => defineDistinctClass(good as never)).toThrow(refused('field'));
  });
});
