import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** One file with all that it imports. */
export interface Bundle {
  readonly path: string;
  remove(): Promise<void>;
}

/** Packages in CommonJS ask for Node's modules by `require`, which a module has not. */
const withRequire =
  "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles a file with the package's sources, as a user's bundler would. */
export const bundle = async (file: URL): Promise<Bundle> => {
  const folder = await mkdtemp(join(tmpdir(), 'nestcms-script-'));
  const path = join(folder, 'bundle.mjs');
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await build({
      entryPoints: [fileURLToPath(file)],
      outfile: path,
      bundle: true,
      platform: 'node',
      // The workspace's packages from their sources.
      conditions: ['@nestcms/source'],
      format: 'esm',
      banner: { js: withRequire },
      logLevel: 'error',
    });
    return { path, remove };
  } catch (error) {
    await remove();
    throw error;
  }
};
