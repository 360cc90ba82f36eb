import { LikelyFirst } from '@nestcms/mutation/likely-first';
import { defineConfig } from 'vitest/config';

/**
 * The tests that judge mutants of the core: those next to the sources, the vectors, the traps and what
 * needs no server. It stands alone, because mutants live in a copy of this folder.
 */
export default defineConfig({
  test: {
    name: 'webhook-security',
    include: [
      'src/**/*.test.ts',
      'test/{vectors,paytabs-vectors,published-presets,verifier,options,secrets}.test.ts',
      'test/{hostile-requests,replay}.test.ts',
      'test/traps-*.test.ts',
      'test/stores/memory*.test.ts',
    ],
    // They put something else in the place of Node's crypto, for all who share the process.
    exclude: ['src/adapters/**', 'test/traps-compare-and-encoding.test.ts'],
    isolate: false,
    sequence: { sequencer: LikelyFirst },
    setupFiles: ['@nestcms/mutation/setup'],
    testTimeout: 3_000,
  },
});
