import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const web = fileURLToPath(new URL('src/platform/web/index.ts', import.meta.url));

/** Puts the platform of the web in the place of Node's. */
export const webPlatform: Plugin = {
  name: 'web-platform',
  setup(build) {
    build.onResolve({ filter: /\/platform\/index\.js$/ }, () => ({
      path: web,
      sideEffects: false,
    }));
  },
};
