import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { maxWorkers, sourceConditions } from '../../vitest.shared.js';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  ...sourceConditions,
  resolve: {
    // The sources and the tests of the packages find Nest 12 beside them; here they are to find Nest 11.
    alias: [{ find: /^@nestjs\/(.*)$/, replacement: here('./node_modules/@nestjs/$1') }],
  },
  test: {
    name: 'nest-11',
    maxWorkers,
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
  },
});
