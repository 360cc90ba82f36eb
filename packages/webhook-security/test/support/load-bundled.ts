import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Bundles a file with the package's sources, as a user's bundler would, and loads it. */
export const loadBundled = async <Module>(file: URL): Promise<Module> => {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-security-'));
  const outfile = join(folder, 'bundle.mjs');
  try {
    await build({
      entryPoints: [fileURLToPath(file)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    return (await import(pathToFileURL(outfile).href)) as Module;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
