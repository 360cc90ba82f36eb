import { expect, it } from 'vitest';
import { References } from './references.js';

const NOON = Date.UTC(2026, 8, 13, 12);
const tranRefs = (seed: number, count: number): string[] => {
  const references = new References(seed, () => NOON);
  return Array.from({ length: count }, () => references.tranRef());
};

it('makes the same references under the same seed, none of them twice', () => {
  const first = tranRefs(7, 1_000);
  expect(tranRefs(7, 1_000)).toEqual(first);
  expect(new Set(first).size).toBe(1_000);
  for (const reference of first) expect(reference).toMatch(/^TST26256\d{8}$/);
});

it('makes other references under another seed on the same day', () => {
  const seeds = Array.from({ length: 50 }, (_, seed) => seed);
  const all = seeds.flatMap((seed) => tranRefs(seed, 100));
  expect(new Set(all).size).toBe(all.length);
});
