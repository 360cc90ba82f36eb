import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What users get of this package. */
export type Ours = typeof import('../../src/index.js');

// Inside the package, so that what it imports is found from there.
const out = new URL('../../node_modules/.cache/bench/index.mjs', import.meta.url);

/** Bundles the package as its build does, with the workspace's packages from their sources; undici and zod stay outside. */
export const buildOurs = async (): Promise<void> => {
  await build({
    entryPoints: [fileURLToPath(new URL('../../src/index.ts', import.meta.url))],
    outfile: fileURLToPath(out),
    bundle: true,
    conditions: ['@nestcms/source'],
    external: ['undici', 'zod'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    format: 'esm',
    platform: 'node',
    target: 'node22',
    logLevel: 'warning',
  });
};

export const loadBuilt = (): Promise<Ours> => import(out.href) as Promise<Ours>;
