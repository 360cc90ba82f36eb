import { rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** A package whose entries are measured as its users get them. */
export interface Bundled {
  /** Bundles every entry as the package's own build does. */
  readonly build: () => Promise<void>;
  /** An entry of the built package, by its path in `src`, such as `adapters/prometheus/index`. */
  readonly load: <T>(entry: string) => Promise<T>;
}

/**
 * @param home the package's folder
 * @param entries paths in `src`, without their ending
 * @param inlined packages of the workspace that go in from their sources, each as an entry of its own too;
 * then only `external` stays outside. Default: none, and every package stays outside
 */
export const bundled = (
  home: URL,
  entries: readonly string[],
  {
    inlined = [],
    external = [],
  }: { readonly inlined?: readonly string[]; readonly external?: readonly string[] } = {},
): Bundled => {
  // Inside the package, so that what it imports is found from there.
  const out = new URL('node_modules/.cache/bench/', home);
  return {
    build: async () => {
      rmSync(out, { recursive: true, force: true });
      await build({
        absWorkingDir: fileURLToPath(home),
        entryPoints: Object.fromEntries([
          ...entries.map((entry) => [entry, `src/${entry}.ts`]),
          ...inlined.map((name) => [name, name]),
        ]),
        outdir: fileURLToPath(out),
        outExtension: { '.js': '.mjs' },
        bundle: true,
        splitting: true,
        ...(inlined.length === 0
          ? { packages: 'external' as const }
          : { conditions: ['@nestcms/source'], external: [...external] }),
        format: 'esm',
        platform: 'node',
        target: 'node22',
        logLevel: 'warning',
      });
    },
    load: <T>(entry: string) =>
      import(pathToFileURL(fileURLToPath(new URL(`${entry}.mjs`, out))).href) as Promise<T>,
  };
};
