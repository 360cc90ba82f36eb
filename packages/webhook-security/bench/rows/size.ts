import { readFileSync } from 'node:fs';
import { type Findings, judge, type Verdict } from '@nestcms/bench/findings';
import { largestFiles, type Parcel, sizeOf } from '@nestcms/bench/size';

const PACKAGE = new URL('../../', import.meta.url);
const LISTED = 10;
const CORE = 'one preset: createWebhookVerifier, github';
const ALL = '. (everything of the main entry)';
const MOST_KB: Readonly<Record<string, number>> = { [CORE]: 6, [ALL]: 18 };

/** What users install themselves. */
const PEERS = [
  '@nestjs/*',
  '@opentelemetry/*',
  'fastify',
  'ioredis',
  'mongodb',
  'prom-client',
  'reflect-metadata',
  'rxjs',
];

const parcelOf = (code: string): Parcel => ({ code, home: PACKAGE, external: PEERS });

/** Every entry of the package, by what it is called in `exports`, with its source. */
const entries = (): readonly (readonly [string, string])[] => {
  const text = readFileSync(new URL('package.json', PACKAGE), 'utf8');
  const { exports } = JSON.parse(text) as { exports: Record<string, unknown> };
  return Object.entries(exports).flatMap(([name, target]) => {
    const source = (target as Record<string, string>)['@nestcms/source'];
    return source === undefined || name === '.' ? [] : [[name, source] as const];
  });
};

/** Kilobytes of 1,000 bytes, minified, and then packed by gzip. */
export const run = async (): Promise<Findings> => {
  const parcels = new Map([
    [CORE, "export { createWebhookVerifier, github } from './src/index.ts';"],
    [ALL, "export * from './src/index.ts';"],
    ...entries().map(([name, source]) => [name, `export * from '${source}';`] as const),
  ]);
  const sizes = await Promise.all(
    [...parcels].map(async ([name, code]) => ({ name, ...(await sizeOf(parcelOf(code))) })),
  );
  const verdicts = sizes.flatMap(({ name, zipped }): Verdict[] => {
    const most = MOST_KB[name];
    if (most === undefined) return [];
    const figure = `${zipped.toFixed(2)} kB`;
    return [{ row: `minified + gzip, ${name}`, figure, ...judge(zipped, { most, unit: ' kB' }) }];
  });
  const byFile = async (name: string) => ({
    title: `Size by file, minified: ${name}`,
    head: ['file', 'kB'],
    body: await largestFiles(parcelOf(parcels.get(name) ?? ''), LISTED),
  });
  return {
    verdicts,
    tables: [
      {
        title: 'Size, kB',
        head: ['entry', 'minified', 'minified + gzip'],
        body: sizes.map(({ name, minified, zipped }) => [
          name,
          minified.toFixed(2),
          zipped.toFixed(2),
        ]),
      },
      await byFile(CORE),
      await byFile(ALL),
    ],
  };
};
