import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { amount, type Findings, judge, type Verdict } from '../support/findings.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const EMITTER = 'eventemitter3';
/** Files that are named one by one. */
const LISTED = 20;

const KB = 1000;

interface Parcel {
  readonly name: string;
  readonly code: string;
  readonly most?: number;
}

const PARCELS: readonly Parcel[] = [
  { name: 'ours: breaker only', code: "export { CircuitBreaker } from './src/index.ts';", most: 3 },
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

/** Kilobytes of 1,000 bytes, minified, and then packed by gzip. */
export const run = async (): Promise<Findings> => {
  const found = await Promise.all(
    PARCELS.map(async (parcel) => ({ ...parcel, ...(await sizeOf(parcel)) })),
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
        body: await largestFiles(),
      },
    ],
  };
};

/** The files that most of a breaker comes of, and the rest together. */
const largestFiles = async (): Promise<string[][]> => {
  const breaker = PARCELS.find(({ name }) => name === 'ours: breaker only');
  const { metafile } = await bundle(breaker?.code ?? '', [EMITTER]);
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs: files }) =>
    Object.entries(files),
  );
  const sizes = inputs
    .map(([file, { bytesInOutput }]) => ({ file, kb: bytesInOutput / KB }))
    .toSorted((one, other) => other.kb - one.kb);
  const rest = sizes.slice(LISTED);
  return [
    ...sizes.slice(0, LISTED).map(({ file, kb }) => [file, kb.toFixed(2)]),
    [`${rest.length} more`, rest.reduce((sum, { kb }) => sum + kb, 0).toFixed(2)],
  ];
};

const sizeOf = async ({ name, code }: Parcel): Promise<{ minified: number; zipped: number }> => {
  const { outputFiles } = await bundle(code, name === EMITTER ? [] : [EMITTER]);
  const { contents } = outputFiles[0] ?? { contents: new Uint8Array() };
  return { minified: contents.length / KB, zipped: gzipSync(contents, { level: 9 }).length / KB };
};

const bundle = (code: string, external: string[]) =>
  build({
    stdin: { contents: code, resolveDir: PACKAGE, loader: 'ts' },
    absWorkingDir: PACKAGE,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    external,
    metafile: true,
    logLevel: 'error',
  });
