import { ManualClock } from '@nestcms/circuit-breaker/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalogue, CatalogueEntry } from './catalogue.js';
import { type ResolvedReads, ViewResolver } from './view-resolver.js';

const COLLECTION: CatalogueEntry = { kind: 'collection', isCapped: false, hasCollation: false };

const open = (entries: Record<string, CatalogueEntry | Error>) => {
  const clock = new ManualClock();
  const asked: string[] = [];
  let before: (namespace: string) => Promise<void> = async () => {};
  const catalogue: Catalogue = async (database, collection) => {
    const namespace = `${database}.${collection}`;
    asked.push(namespace);
    const entry = entries[namespace];
    await before(namespace);
    if (entry instanceof Error) throw entry;
    return entry;
  };
  const views = new ViewResolver({ catalogue, clock, ttlMs: 10_000 });
  const hold = (wait: (namespace: string) => Promise<void>) => {
    before = wait;
  };
  return { clock, asked, entries, views, hold };
};

const view = (on: string, pipeline: object[] = []): CatalogueEntry => ({
  kind: 'view',
  on,
  pipeline,
});
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
};
const now = (resolved: ResolvedReads | Promise<ResolvedReads>): ResolvedReads => {
  if (resolved instanceof Promise) throw new Error('It had to be asked.');
  return resolved;
};

describe('what is behind views', () => {
  it('is found at any depth, in joins of views, and in other databases', async () => {
    const { views } = open({
      'shop.top': view('middle', [{ $lookup: { from: 'joined', as: 'x' } }]),
      'shop.middle': view('base', [{ $unionWith: { db: 'old', coll: 'archive' } }]),
      'shop.base': COLLECTION,
      'shop.joined': view('people'),
      'old.archive': view('2019'),
    });
    const resolved = await views.resolve('shop.orders', ['shop.top']);
    expect(resolved.collections).toEqual([
      'old.2019',
      'old.archive',
      'shop.base',
      'shop.joined',
      'shop.middle',
      'shop.orders',
      'shop.people',
      'shop.top',
    ]);
    expect(resolved.uncacheable).toBeUndefined();
  });

  it('is asked once per collection, however many ask at a time, and then known at once', async () => {
    const { views, asked } = open({ 'shop.v': view('a') });
    await Promise.all([views.resolve('shop.v', []), views.resolve('shop.v', ['shop.a'])]);
    expect(asked.sort()).toEqual(['shop.a', 'shop.v']);
    expect(now(views.resolve('shop.v', [])).collections).toEqual(['shop.a', 'shop.v']);
    expect(asked).toHaveLength(2);
  });

  it('is looked up again behind the reads when it was long ago', async () => {
    const { views, clock, entries } = open({ 'shop.v': view('a') });
    const first = await views.resolve('shop.v', []);
    const { revision } = views;
    entries['shop.v'] = view('b');
    clock.advance(10_000);
    expect(now(views.resolve('shop.v', [])).collections).toEqual(['shop.a', 'shop.v']);
    await settle();
    const second = await views.resolve('shop.v', []);
    expect(second.collections).toEqual(['shop.b', 'shop.v']);
    expect(second.definitions).not.toBe(first.definitions);
    expect(views.revision).not.toBe(revision);
  });

  it('is asked again once it was forgotten, also while it was being asked', async () => {
    const { views, entries, hold, asked } = open({ 'shop.v': view('a') });
    let go = () => {};
    hold(
      () =>
        new Promise((resolve) => {
          go = resolve;
        }),
    );
    const resolving = views.resolve('shop.v', []);
    entries['shop.v'] = view('b');
    views.forget('shop.v');
    hold(async () => {});
    go();
    expect((await resolving).collections).toEqual(['shop.b', 'shop.v']);
    entries['shop.v'] = COLLECTION;
    views.forget();
    expect((await views.resolve('shop.v', [])).collections).toEqual(['shop.v']);
    expect(asked.filter((name) => name === 'shop.v')).toHaveLength(3);
  });

  it('is part of the question: another definition is another one', async () => {
    const { views } = open({
      'shop.a': view('x'),
      'shop.b': view('x', [{ $limit: 1 }]),
      'shop.x': COLLECTION,
    });
    const [a, b, x] = await Promise.all(
      ['shop.a', 'shop.b', 'shop.x'].map(async (own) => views.resolve(own, [])),
    );
    expect(x?.definitions).toBe('');
    expect(a?.definitions).not.toBe(b?.definitions);
  });

  it('is not kept if it answers differently each time', async () => {
    const { views } = open({ 'shop.v': view('a', [{ $sample: { size: 1 } }]) });
    expect((await views.resolve('shop.v', [])).uncacheable).toBe('$sample');
  });

  it('is not kept if it may not be seen', async () => {
    const { views } = open({ 'shop.v': { kind: 'hidden' } });
    expect((await views.resolve('shop.v', [])).uncacheable).toMatch(/may not be read/);
  });
});

describe('a catalogue that cannot be asked', () => {
  it('makes what is not known uncacheable, and is asked again a second later', async () => {
    const { views, clock, entries, asked } = open({ 'shop.v': new Error('away') });
    expect((await views.resolve('shop.v', [])).uncacheable).toMatch(/could not be read/);
    expect(now(views.resolve('shop.v', [])).uncacheable).toMatch(/could not be read/);
    expect(asked).toHaveLength(1);
    entries['shop.v'] = COLLECTION;
    clock.advance(1_000);
    expect((await views.resolve('shop.v', [])).uncacheable).toBeUndefined();
  });

  it('holds no read up for more than a second', async () => {
    const { views, clock, hold } = open({ 'shop.v': COLLECTION });
    hold(() => new Promise(() => {}));
    const resolving = views.resolve('shop.v', []);
    await clock.advanceAsync(1_000);
    expect((await resolving).uncacheable).toMatch(/could not be read/);
  });

  it('changes nothing of what was known', async () => {
    const { views, clock, entries } = open({ 'shop.v': view('a') });
    await views.resolve('shop.v', []);
    entries['shop.v'] = new Error('away');
    clock.advance(10_000);
    now(views.resolve('shop.v', []));
    await settle();
    expect(now(views.resolve('shop.v', [])).collections).toEqual(['shop.a', 'shop.v']);
  });
});

describe('documents are told apart', () => {
  it.each<[string, CatalogueEntry | undefined, boolean]>([
    ['in a collection', COLLECTION, true],
    ['in one that is not there yet', undefined, true],
    [
      'not in a capped one, which drops them without a word',
      { ...COLLECTION, isCapped: true },
      false,
    ],
    ['not by texts compared in another way', { ...COLLECTION, hasCollation: true }, false],
    ['not in a view, whose ids are its own', view('a'), false],
    ['not in a time series', { kind: 'timeseries' }, false],
  ])('%s', async (_, entry, knows) => {
    const { views } = open(entry === undefined ? {} : { 'shop.own': entry });
    expect((await views.resolve('shop.own', [])).knowsDocuments).toBe(knows);
  });
});

it('of any catalogue, everything that can be reached is found, however views lie over each other', async () => {
  const names = Array.from({ length: 8 }, (_, n) => `v${n}`);
  // Views over others further on only: the server refuses cycles.
  const graph = fc.tuple(
    ...names.map((_, from) => fc.array(fc.integer({ min: from + 1, max: 9 }), { maxLength: 3 })),
  );
  await fc.assert(
    fc.asyncProperty(graph, fc.array(fc.nat(9), { maxLength: 3 }), async (edges, joined) => {
      const entries: Record<string, CatalogueEntry> = {};
      edges.forEach(([on, ...others], from) => {
        if (on === undefined) return;
        entries[`shop.v${from}`] = view(
          `v${on}`,
          others.map((to) => ({ $unionWith: `v${to}` })),
        );
      });
      const reached = new Set([0, ...joined]);
      for (const from of reached) for (const to of edges[from] ?? []) reached.add(to);
      const { views } = open(entries);
      const resolved = await views.resolve(
        'shop.v0',
        joined.map((one) => `shop.v${one}`),
      );
      expect(resolved.collections).toEqual([...reached].map((one) => `shop.v${one}`).sort());
    }),
    { numRuns: 300 },
  );
});

it('a time series is named with its buckets, and as what no change stream names', async () => {
  const { views } = open({ 'shop.weather': { kind: 'timeseries' } });
  expect(await views.resolve('shop.weather', [])).toMatchObject({
    collections: ['shop.system.buckets.weather', 'shop.weather'],
    unwatched: ['shop.weather'],
  });
});

it('a collection of another database is one that the change stream of this one never names', async () => {
  const { views } = open({});
  expect(await views.resolve('shop.contracts', ['crm.people', 'shopping.carts'])).toMatchObject({
    unwatched: ['crm.people', 'shopping.carts'],
  });
});
