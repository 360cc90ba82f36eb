import { describe, expect, it } from 'vitest';
import { oursWith } from '../../bench/policy/ours.js';
import { type Request, RIVALS } from '../../bench/policy/rivals.js';
import { CAPACITY, traces } from '../../bench/policy/traces.js';
import { EvictionPolicy } from '../../src/memory/eviction/eviction-policy.js';
import { costClass } from '../../src/memory/eviction/segmented-policy.js';

/** Hit rates in percent of the best of LRU, FIFO, SIEVE, S3-FIFO, W-TinyLFU and ARC, as `bench policy` measures. */
const BEST: Readonly<Record<string, number>> = {
  'zipf 0.9': 59.8,
  'zipf 0.9 with scans': 33.1,
  'zipf 0.8, 40 % asked once': 26.7,
  'loop of 1.3 times the capacity': 75.2,
  'shifting popularity': 71.6,
};

const { LRU: lruOf } = RIVALS as Record<'LRU', (capacity: number) => Request>;

const hitRate = (request: Request, keys: Int32Array): number => {
  let hits = 0;
  for (const key of keys) if (request(key)) hits += 1;
  return (100 * hits) / keys.length;
};

describe('what the memory tier lets go', () => {
  it.each(traces().map((trace) => [trace.name, trace.keys] as const))(
    'is within one point of the best rule for it: %s',
    (name, keys) => {
      const request = oursWith(EvictionPolicy)(CAPACITY);
      expect(hitRate(request, keys)).toBeGreaterThan((BEST[name] ?? 100) - 1);
    },
  );

  it('is what is cheap to load again: a fifth of the time at the source is saved against LRU', () => {
    const keys = traces()[0]?.keys ?? new Int32Array();
    // From 1 to 128 ms, whatever the key is asked for how often.
    const costMs = (key: number) => 2 ** (Math.imul(key + 7, 0x9e3779b1) >>> 29);
    const spent = (request: Request): number => {
      let ms = 0;
      for (const key of keys) if (!request(key)) ms += costMs(key);
      return ms;
    };
    const ours = spent(oursWith(EvictionPolicy, (key) => costClass(costMs(key)))(CAPACITY));
    const lru = spent(lruOf(CAPACITY));
    expect(ours / lru).toBeLessThan(0.8);
  });
});
