import { type Findings, judge, median } from '@nestcms/bench/findings';
import { inChild } from '@nestcms/bench/in-child';
import type { Note, Settings } from '@nestcms/bench/settings';
import { largestFiles, sizeOf } from '@nestcms/bench/size';
import { loadBuilt } from '../support/build.ts';

const PACKAGE = new URL('../../', import.meta.url);
const BREAKER_PACKAGE = new URL('../../../circuit-breaker/', import.meta.url);
const BREAKER = '@nestcms/circuit-breaker';
const CODE = "export * from './src/index.ts';";
const MOST_KB = 30;
const MOST_MS = 10;
const LISTED = 20;

/** What the package adds to a service: kilobytes, and milliseconds of its start. */
export const run = async ({ rounds }: Settings, note: Note): Promise<Findings> => {
  const parcel = { code: CODE, home: PACKAGE, external: ['mongodb', BREAKER] };
  const own = await sizeOf(parcel);
  const breaker = await sizeOf({ code: CODE, home: BREAKER_PACKAGE });
  const redis = await sizeOf({ ...parcel, code: "export * from './src/stores/redis/index.ts';" });
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    note(`import ${round + 1} of ${rounds}`);
    const errand = { url: import.meta.url, name: 'importTime', settings: undefined };
    times.push(await inChild<number>(errand, { note }));
  }
  const ms = median(times);
  const rows = [
    ['the index entry', own],
    ['its breaker, the package circuit-breaker', breaker],
    ['the entry for Redis', redis],
  ] as const;
  return {
    verdicts: [
      {
        row: 'minified + gzip, without mongodb and the breaker',
        figure: `${own.zipped.toFixed(2)} kB`,
        ...judge(own.zipped, { most: MOST_KB, unit: ' kB' }),
      },
      {
        row: 'import, mongodb loaded before',
        figure: `${ms.toFixed(1)} ms`,
        ...judge(ms, { most: MOST_MS, unit: ' ms' }),
      },
    ],
    tables: [
      {
        title: 'Size, kB',
        head: ['entry', 'minified', 'minified + gzip'],
        body: rows.map(([name, { minified, zipped }]) => [
          name,
          minified.toFixed(2),
          zipped.toFixed(2),
        ]),
      },
      {
        title: 'The index entry, minified, by file',
        head: ['file', 'kB'],
        body: await largestFiles(parcel, LISTED),
      },
    ],
  };
};

/** In a process of its own. The driver is there before, for no service that caches it is without. */
export const importTime = async (): Promise<number> => {
  await import('mongodb');
  const started = performance.now();
  await loadBuilt('index');
  return performance.now() - started;
};
