import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import type { Fault } from './faults.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** The source of a file with a fault in it. @throws Error unless each edit finds its place, once */
export const planted = (source: string, { name, file, edits }: Fault): string => {
  let changed = source;
  for (const [from, to] of edits) {
    const places = changed.split(from).length - 1;
    if (places !== 1) {
      throw new Error(`The fault '${name}' fits ${places} places of ${file}, not one: ${from}`);
    }
    changed = changed.replace(from, () => to);
  }
  return changed;
};

const planting = (fault: Fault): Plugin => ({
  name: 'planted fault',
  setup(bundler) {
    const path = join(PACKAGE, fault.file);
    bundler.onLoad({ filter: /\.ts$/ }, async (file) => {
      if (file.path !== path) return undefined;
      return { contents: planted(await readFile(path, 'utf8'), fault), loader: 'ts' };
    });
  },
});

/**
 * Bundles a file of this folder with the breaker and loads it.
 * @param fault planted in the breaker
 */
export const load = async <Module>(entry: string, fault?: Fault): Promise<Module> => {
  const folder = await mkdtemp(join(tmpdir(), 'breaker-model-'));
  const outfile = join(folder, 'bundle.mjs');
  try {
    await build({
      entryPoints: [join(PACKAGE, 'test/model', entry)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      plugins: fault === undefined ? [] : [planting(fault)],
    });
    return (await import(pathToFileURL(outfile).href)) as Module;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
