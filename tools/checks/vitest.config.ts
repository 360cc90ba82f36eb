import { defineConfig } from 'vitest/config';
import { maxWorkers } from '../../vitest.shared.js';

export default defineConfig({
  test: {
    name: 'checks',
    maxWorkers,
    include: ['test/**/*.test.ts'],
    // Compilers and other processes, on a machine that may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
