import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import { collect, heapBytes } from '@nestcms/bench/heap';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { LRUCache } from 'lru-cache';
import { PEERS } from '../columns/peers.ts';
import { loadBuilt } from '../support/build.ts';
import { objectsOf, openEngine, rowsOf } from '../support/engine.ts';

const ENTRIES = 100_000;
const QUICK_ENTRIES = 10_000;
const MOST_OFF = 5;

interface Held {
  readonly name: string;
  readonly entries: number;
  /** Bytes that the process holds for all of it. */
  readonly bytes: number;
  /** Bytes that it says it holds; none says so but ours. */
  readonly told?: number | undefined;
}

interface Order {
  readonly name: string;
  readonly entries: number;
}

/** What the entries depend on, and the room there is for them: bytes for each that is put in. */
const OURS: Readonly<Record<string, { readonly perDocument: boolean; readonly roomEach: number }>> =
  {
    'ours: kept as bytes, one collection': { perDocument: false, roomEach: 700 },
    'ours: kept as bytes, a document each': { perDocument: true, roomEach: 700 },
    'ours: room for all, decoded': { perDocument: false, roomEach: 10_000 },
  };

/** What 100,000 results take after a collection of garbage, each cache in a process of its own. */
export const run = async ({ quick }: Settings, note: Note): Promise<Findings> => {
  const found: Held[] = [];
  for (const name of [...Object.keys(OURS), 'lru-cache', ...Object.keys(PEERS)]) {
    note(name);
    const order: Order = { name, entries: quick ? QUICK_ENTRIES : ENTRIES };
    const errand = { url: import.meta.url, name: 'heldBy', settings: order };
    found.push(await inChild<Held>(errand, { note }));
  }
  const bson = rowsOf(1, 50_000)[0]?.byteLength ?? 0;
  const most = Math.round(1.05 * bson + 160);
  // What nobody reads waits as bytes: an entry that is read takes its objects beside, as long as there is room.
  const [own, perDocument] = found as [Held, Held];
  const rival = found
    .filter(({ name }) => name in PEERS)
    .toSorted((one, other) => perEntry(one) - perEntry(other))[0];
  const verdicts: Verdict[] = [
    {
      row: `memory of an entry of ${bson} bytes of BSON`,
      figure: `${amount(perEntry(own))} B`,
      ...judge(perEntry(own), { most, unit: ' B' }),
      rival: rival && `${amount(perEntry(rival))} B ${rival.name}`,
    },
    {
      row: 'the same, with a document of its own to depend on',
      figure: `${amount(perEntry(perDocument))} B`,
      ...judge(perEntry(perDocument), { most, unit: ' B' }),
    },
    ...found.flatMap((held): Verdict[] => {
      if (held.told === undefined) return [];
      const off = 100 * Math.abs(held.told / held.bytes - 1);
      const row = `bytes told against bytes held, ${held.name.replace('ours: ', '')}`;
      return [
        { row, figure: `${off.toFixed(1)} %`, ...judge(off, { most: MOST_OFF, unit: ' %' }) },
      ];
    }),
  ];
  const body = found.map((held) => [
    held.name,
    amount(held.entries),
    amount(perEntry(held)),
    held.told === undefined ? '' : amount(held.told / held.entries),
  ]);
  const head = ['cache', 'entries', 'bytes each', 'bytes each, as it says'];
  return { verdicts, tables: [{ title: 'Memory', head, body }] };
};

const perEntry = ({ bytes, entries }: Held): number => bytes / entries;

/** In a process of its own. */
export const heldBy = async ({ name, entries }: Order): Promise<Held> => {
  const ours = OURS[name];
  // Once before, so that code and what is made once are there.
  const fill =
    ours === undefined ? () => fillOther(name) : () => fillOurs(ours, ours.roomEach * entries);
  await fill().then((open) => open(1_000));
  await collect();
  const before = heapBytes();
  const held = await (await fill())(entries);
  await collect();
  return { name, entries: held.entries(), bytes: heapBytes() - before, told: held.told?.() };
};

interface Filled {
  readonly entries: () => number;
  readonly told?: () => number;
}
type Fill = (entries: number) => Promise<Filled>;

const fillOurs = async (
  { perDocument }: { readonly perDocument: boolean },
  memoryMaxBytes: number,
): Promise<Fill> => {
  const { definePipelineClass } = await loadBuilt('index');
  let seed = 0;
  const load = async () => {
    seed += 1;
    return rowsOf(1, seed);
  };
  const { engine } = await openEngine({ load, memoryMaxBytes });
  const byCollection = definePipelineClass<{ id: number }>({
    name: 'numbered',
    collection: 'contracts',
    pipeline: ({ id }) => [{ $match: { number: `C-${1_000_000 + id}` } }],
    ttlMs: 3_600_000,
  });
  const byDocument = definePipelineClass<{ id: number }>({
    name: 'contract',
    collection: 'contracts',
    pipeline: ({ id }) => [{ $match: { _id: id } }],
    ttlMs: 3_600_000,
  });
  return async (entries) => {
    for (let id = 0; id < entries; id += 1) {
      await engine.read(perDocument ? byDocument : byCollection, { id }, {});
    }
    const { memory } = engine.stats();
    return { entries: () => memory.entries, told: () => engine.stats().memory.bytes };
  };
};

const fillOther = async (name: string): Promise<Fill> => {
  const make = PEERS[name];
  if (make !== undefined) {
    let seed = 0;
    const load = async () => {
      seed += 1;
      return objectsOf(1, seed);
    };
    const peer = await make({ load });
    return async (entries) => {
      for (let id = 0; id < entries; id += 1) await peer.get(`contract-${id}`);
      return { entries: () => (typeof peer.get === 'function' ? entries : 0) };
    };
  }
  const lru = new LRUCache<string, object>({ max: ENTRIES });
  return async (entries) => {
    for (let id = 0; id < entries; id += 1) lru.set(`contract-${id}`, objectsOf(1, id));
    return { entries: () => lru.size };
  };
};
