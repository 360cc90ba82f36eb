import { configDefaults, defineConfig } from 'vitest/config';
import { maxWorkers, sourceConditions } from '../../vitest.shared.js';
import { TIMED } from './vitest.timed.config.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'start',
    maxWorkers,
    // Commands as processes of their own, on a machine that may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['lib/**/*.test.{ts,mjs}', 'run/**/*.test.ts', 'test/**/*.test.{ts,mjs}'],
    exclude: [...configDefaults.exclude, TIMED],
  },
});
