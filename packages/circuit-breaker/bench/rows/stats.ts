import { compare } from '@nestcms/bench/compare';
import { figureNamed } from '@nestcms/bench/figures';
import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import type { Note, Settings } from '@nestcms/bench/settings';
import { resolves } from '../columns/operations.ts';
import { Opossum } from '../columns/opossum.ts';
import { breakerOf } from '../columns/ours.ts';
import { loadBuilt, type Ours } from '../support/build.ts';

const CALLS = 100_000;
const HOUR_MS = 3_600_000;
const SHARES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
const OURS = 'ours: stats() at 100,000 calls';

/** Numbers and percentiles of a breaker that has seen much. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const ours = await loadBuilt();
  const options = { window: { kind: 'time', durationMs: HOUR_MS }, latency: true } as const;
  const busy = breakerOf(ours, options);
  const quiet = breakerOf(ours, options);
  const plain = breakerOf(ours);
  const opossum = new Opossum(resolves, { rollingCountTimeout: HOUR_MS, timeout: false });
  note('filling');
  for (let call = 0; call < CALLS; call += 1) {
    await busy.execute(resolves);
    await opossum.fire();
  }
  await quiet.execute(resolves);
  const calls = {
    [OURS]: () => busy.stats(),
    'ours: stats() at one call': () => quiet.stats(),
    'ours: stats() without percentiles': () => plain.stats(),
    'opossum: stats at 100,000 calls': () => opossum.stats,
  };
  const columns = Object.entries(calls).map(([name, call]) => ({ name, call }));
  const figures = await compare(columns, { rounds, note });
  opossum.shutdown();
  const us = figureNamed(figures, OURS).ns / 1000;
  const rival = figureNamed(figures, 'opossum: stats at 100,000 calls').ns / 1000;
  const error = worstError(ours) * 100;
  const verdicts: Verdict[] = [
    {
      row: 'stats() and percentiles, at 100,000 calls in the window',
      figure: `${amount(us)} us`,
      ...judge(us, { most: 5, unit: ' us' }),
      rival: `${amount(rival)} us opossum`,
    },
    {
      row: 'error of percentiles, 0.1 ms to 100 s',
      figure: `${amount(error)} %`,
      ...judge(error, { most: 2, unit: ' %' }),
    },
  ];
  const body = figures.map(({ name, ns }) => [name, amount(ns / 1000)]);
  return { verdicts, tables: [{ title: 'stats()', head: ['column', 'us'], body }] };
};

/** The largest share by which a percentile is off, for durations from fractions of a millisecond to minutes. */
const worstError = (ours: Ours): number => {
  let worst = 0;
  for (let typicalMs = 0.1; typicalMs <= 100_000; typicalMs *= 1.7) {
    worst = Math.max(worst, errorAt(ours, typicalMs));
  }
  return worst;
};

const errorAt = (ours: Ours, typicalMs: number): number => {
  let now = 0;
  const clock = { now: () => now, wallTime: () => now, setTimer: () => () => {} };
  const breaker = breakerOf(ours, {
    clock,
    latency: true,
    window: { kind: 'time', durationMs: 700 * HOUR_MS },
  });
  const durations: number[] = [];
  for (let call = 0; call < 1000; call += 1) {
    const permit = breaker.tryAcquire();
    const startedAt = now;
    now += typicalMs * (0.2 + (2 * ((call * 7919) % 1000)) / 1000);
    // As the breaker sees it: sums of fractions are not exact.
    durations.push(now - startedAt);
    permit?.success();
  }
  const { latency } = breaker.stats();
  if (latency === undefined || latency.calls !== 1000) throw new Error('Durations were lost.');
  durations.sort((a, b) => a - b);
  const errors = Object.entries(SHARES).map(([name, share]) => {
    const exact = durations[Math.ceil(share * durations.length) - 1] ?? Number.NaN;
    return Math.abs(latency[name as keyof typeof SHARES] / exact - 1);
  });
  return Math.max(...errors);
};
