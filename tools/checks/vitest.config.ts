import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'checks',
    include: ['test/**/*.test.ts'],
    // Compilers and other processes, on a machine that may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
