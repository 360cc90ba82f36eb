import { defineConfig } from 'vitest/config';

/**
 * The tests that judge mutants: all of the package's but those of documents, types and adapters. It
 * stands alone, because mutants live in a copy of this folder.
 */
export default defineConfig({
  test: {
    name: 'circuit-breaker',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/readme.test.ts', 'src/adapters/**'],
    testTimeout: 10_000,
  },
});
