import { compare } from '@nestcms/bench/compare';
import { figureNamed, figureTable } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { breakerOf, OURS_OPTIONS } from '../columns/ours.ts';
import { loadBuilt } from '../support/build.ts';

/** Of what the calls work on, so that they are not compiled away. */
let sum = 0;
const add = (): number => {
  sum = (sum + 1) | 0;
  return sum;
};

/** `executeSync` around a function that returns at once, and the two-step form. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const slots = new Uint8Array(100);
  let next = 0;
  const count = breakerOf(ours, OURS_OPTIONS.count);
  const time = breakerOf(ours, OURS_OPTIONS.time);
  const twoStep = breakerOf(ours, OURS_OPTIONS.count);
  const calls = {
    bare: add,
    'floor: try/catch + count ring': () => {
      try {
        const value = add();
        slots[next] = 0;
        next = next === 99 ? 0 : next + 1;
        return value;
      } catch (error) {
        slots[next] = 1;
        throw error;
      }
    },
    'ours: executeSync, count': () => count.executeSync(add),
    'ours: executeSync, time': () => time.executeSync(add),
    'ours: wrapSync, count': breakerOf(ours, OURS_OPTIONS.count).wrapSync(add),
    'ours: tryAcquire + success': () => {
      twoStep.tryAcquire()?.success();
    },
  };
  const columns = Object.entries(calls).map(([name, call]) => ({ name, call }));
  const figures = await compare(columns, { rounds, note });
  const floor = `${amount(figureNamed(figures, 'floor: try/catch + count ring').extraNs)} ns`;
  const verdict = (row: string, column: string): Verdict => {
    const { extraNs } = figureNamed(figures, column);
    return {
      row,
      figure: `${amount(extraNs)} ns`,
      ...judge(extraNs, { most: 15, unit: ' ns' }),
      floor,
    };
  };
  return {
    verdicts: [
      verdict('executeSync over a bare sync call, count window', 'ours: executeSync, count'),
      verdict('executeSync over a bare sync call, time window', 'ours: executeSync, time'),
    ],
    tables: [figureTable('Sync function that returns at once', figures)],
  };
};
