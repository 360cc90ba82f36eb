import { amount, type Findings, judge, median, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { LRUCache } from 'lru-cache';
import { oursWith } from '../policy/ours.ts';
import { type MakePolicy, type Request, RIVALS } from '../policy/rivals.ts';
import { CAPACITY, traces } from '../policy/traces.ts';
import { loadBuilt } from '../support/build.ts';

const MOST_NS = 250;
const MOST_POINTS = 1;
const LEAST_SAVED = 20;

/** The real one, beside the model of it that the rates are taken from. */
const lruCache: MakePolicy = (capacity) => {
  const kept = new LRUCache<number, number>({ max: capacity });
  return (key) => {
    if (kept.get(key) !== undefined) return true;
    kept.set(key, key);
    return false;
  };
};

const hitRate = (request: Request, keys: Int32Array): number => {
  let hits = 0;
  for (const key of keys) if (request(key)) hits += 1;
  return (100 * hits) / keys.length;
};

const nsOf = (make: MakePolicy, keys: Int32Array): number => {
  const request = make(CAPACITY);
  const started = performance.now();
  hitRate(request, keys);
  return ((performance.now() - started) * 1e6) / keys.length;
};

/** Which entries stay: the share of requests that find theirs, what a request takes, what the source is spared. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const { EvictionPolicy } = await loadBuilt('memory/eviction/eviction-policy');
  const { costClass } = await loadBuilt('memory/eviction/segmented-policy');
  const ours = oursWith(EvictionPolicy);
  const verdicts: Verdict[] = [];
  const body: string[][] = [];
  const all = traces();
  for (const { name, keys } of all) {
    note(name);
    const own = hitRate(ours(CAPACITY), keys);
    const rivals = Object.entries(RIVALS).map(([rival, make]) => ({
      rival,
      rate: hitRate(make(CAPACITY), keys),
    }));
    const best = rivals.toSorted((one, other) => other.rate - one.rate)[0];
    const [times, lruTimes]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round += 1) {
      times.push(nsOf(ours, keys));
      lruTimes.push(nsOf(lruCache, keys));
    }
    // The first pass compiles.
    const ns = median(times.slice(1));
    const lruNs = median(lruTimes.slice(1));
    verdicts.push({
      row: `hits, ${name}`,
      figure: `${own.toFixed(1)} %`,
      bar: `>= ${((best?.rate ?? 0) - MOST_POINTS).toFixed(1)} %`,
      met: own >= (best?.rate ?? 0) - MOST_POINTS,
      rival: `${best?.rate.toFixed(1)} % ${best?.rival}`,
    });
    verdicts.push({
      row: `time of a request, ${name}`,
      figure: `${amount(ns)} ns`,
      ...judge(ns, { most: MOST_NS, unit: ' ns' }),
      rival: `${amount(lruNs)} ns lru-cache`,
    });
    const rates = rivals.map(({ rate }) => rate.toFixed(1));
    body.push([name, own.toFixed(1), ...rates, amount(ns), amount(lruNs)]);
  }
  note('cost');
  // From 1 to 128 ms, whatever the key is asked for how often.
  const costMs = (key: number) => 2 ** (Math.imul(key + 7, 0x9e3779b1) >>> 29);
  const spent = (request: Request, keys: Int32Array): number => {
    let ms = 0;
    for (const key of keys) if (!request(key)) ms += costMs(key);
    return ms;
  };
  const byCost = oursWith(EvictionPolicy, (key) => costClass(costMs(key)));
  const zipf = all[0]?.keys ?? new Int32Array();
  const saved = 100 * (1 - spent(byCost(CAPACITY), zipf) / spent(lruCache(CAPACITY), zipf));
  verdicts.push({
    row: 'time at the source saved against LRU',
    figure: `${saved.toFixed(1)} %`,
    ...judge(saved, { least: LEAST_SAVED, unit: ' %' }),
  });
  const head = ['trace', 'ours', ...Object.keys(RIVALS), 'ours, ns', 'lru-cache, ns'];
  return { verdicts, tables: [{ title: 'Hits of all requests, %', head, body }] };
};
