import { amount, type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import { largestFiles, type Parcel, sizeOf } from '@nestcms/bench/size';

const PACKAGE = new URL('../../', import.meta.url);
const EMITTER = 'eventemitter3';
/** Files that are named one by one. */
const LISTED = 20;

interface Weighed {
  readonly name: string;
  readonly code: string;
  readonly most?: number;
}

const BREAKER = "export { CircuitBreaker } from './src/index.ts';";

const PARCELS: readonly Weighed[] = [
  { name: 'ours: breaker only', code: BREAKER, most: 3 },
  {
    name: 'ours: breaker, pipeline, timeout, retry',
    code: "export { CircuitBreaker, pipeline, timeout, retry } from './src/index.ts';",
  },
  { name: 'ours: everything but adapters', code: "export * from './src/index.ts';", most: 12 },
  { name: EMITTER, code: `export { default } from '${EMITTER}';` },
  {
    name: 'cockatiel: breaker only',
    code: "export { circuitBreaker, handleAll, CountBreaker } from 'cockatiel';",
  },
  { name: 'cockatiel: everything', code: "export * from 'cockatiel';" },
  { name: 'opossum', code: "export { default } from 'opossum';" },
  { name: 'mollitia', code: "export * from 'mollitia';" },
];

const parcelOf = (name: string, code: string): Parcel => ({
  code,
  home: PACKAGE,
  external: name === EMITTER ? [] : [EMITTER],
});

/** Kilobytes of 1,000 bytes, minified, and then packed by gzip. */
export const run = async (): Promise<Findings> => {
  const found = await Promise.all(
    PARCELS.map(async (each) => ({ ...each, ...(await sizeOf(parcelOf(each.name, each.code))) })),
  );
  const emitter = found.find(({ name }) => name === EMITTER)?.zipped ?? 0;
  const breaker = found.find(({ name }) => name === 'cockatiel: breaker only')?.zipped ?? 0;
  const all = found.find(({ name }) => name === 'cockatiel: everything')?.zipped ?? 0;
  const verdicts = found.flatMap(({ name, zipped, most }): Verdict[] => {
    if (most === undefined) return [];
    const rival = name.includes('everything') ? all : breaker;
    const row = `minified + gzip, ${name.replace('ours: ', '')}, without ${EMITTER} (${amount(emitter)} kB)`;
    return [
      {
        row,
        figure: `${zipped.toFixed(2)} kB`,
        ...judge(zipped, { most, unit: ' kB' }),
        rival: `${amount(rival)} kB cockatiel`,
      },
    ];
  });
  return {
    verdicts,
    tables: [
      {
        title: 'Size, kB',
        head: ['column', 'minified', 'minified + gzip'],
        body: found.map(({ name, minified, zipped }) => [
          name,
          minified.toFixed(2),
          zipped.toFixed(2),
        ]),
      },
      {
        title: 'Size of the breaker alone, minified, by file',
        head: ['file', 'kB'],
        body: await largestFiles(parcelOf('breaker', BREAKER), LISTED),
      },
    ],
  };
};
