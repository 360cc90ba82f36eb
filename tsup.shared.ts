import { defineConfig, type Options } from 'tsup';

/** One build for every package: ESM, CommonJS and declarations, shared code in chunks of its own. */
export const libraryBuild = (entry: Record<string, string>, more: Options = {}) =>
  defineConfig({
    entry,
    format: ['esm', 'cjs'],
    target: 'node22',
    platform: 'node',
    dts: true,
    sourcemap: true,
    splitting: true,
    clean: true,
    treeshake: true,
    ...more,
  });
