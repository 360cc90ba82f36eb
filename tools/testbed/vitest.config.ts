import { defineConfig } from 'vitest/config';
import { sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    // Not beside the others: what is promised in seconds is measured here.
    sequence: { groupOrder: 1 },
    name: 'testbed',
    include: ['test/**/*.test.ts'],
    // Real servers and processes, on a machine that may be busy.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: ['./test/support/global-setup.ts'],
  },
});
