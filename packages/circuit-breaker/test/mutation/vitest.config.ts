import { LikelyFirst } from '@nestcms/mutation/likely-first';
import { defineConfig } from 'vitest/config';

/**
 * The tests that judge mutants: those next to the sources, and the traps. The others (the model, documents,
 * migrations, other runtimes) would notice hardly more, and take ten times as long. It stands alone,
 * because mutants live in a copy of this folder.
 */
export default defineConfig({
  test: {
    name: 'circuit-breaker',
    include: ['src/**/*.test.ts', 'test/traps-*.test.ts'],
    exclude: ['src/adapters/**'],
    isolate: false,
    sequence: { sequencer: LikelyFirst },
    setupFiles: ['@nestcms/mutation/setup'],
    testTimeout: 3_000,
  },
});
