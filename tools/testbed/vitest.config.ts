import { defineConfig } from 'vitest/config';
import { maxWorkers, sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'testbed',
    maxWorkers,
    include: ['test/**/*.test.ts'],
    // Real servers and processes, on a machine that may be busy.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['./test/support/global-setup.ts'],
  },
});
