import { existsSync, readdirSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const PACKAGE = new URL('../../', import.meta.url);
// Inside the package, so that what it imports is found from there.
const OUT = new URL('node_modules/.cache/bench/', PACKAGE);

/** What users get of this package. */
export type Ours = typeof import('../../src/index.js');
export type OursTesting = typeof import('../../src/testing/index.js');

/** Bundles every entry of the package as its build does. */
export const buildOurs = async (): Promise<void> => {
  rmSync(OUT, { recursive: true, force: true });
  await build({
    absWorkingDir: fileURLToPath(PACKAGE),
    entryPoints: Object.fromEntries(entries().map((entry) => [entry, `src/${entry}.ts`])),
    outdir: fileURLToPath(OUT),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node22',
    logLevel: 'warning',
  });
};

const entries = (): string[] => ['index', 'testing/index', ...adapters()];

/** The adapters there are; a folder without an entry is shared by others. */
const adapters = (): string[] =>
  readdirSync(new URL('src/adapters/', PACKAGE))
    .map((peer) => `adapters/${peer}/index`)
    .filter((entry) => existsSync(new URL(`src/${entry}.ts`, PACKAGE)));

/** An entry of the built package, such as `adapters/prometheus/index`. */
export const loadBuilt = <T = Ours>(entry = 'index'): Promise<T> =>
  import(pathToFileURL(fileURLToPath(new URL(`${entry}.mjs`, OUT))).href) as Promise<T>;
