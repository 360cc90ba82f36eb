import { LikelyFirst } from '@nestcms/mutation/likely-first';
import { defineConfig } from 'vitest/config';

/** As in the shared configuration, which lies outside of the copy. */
const conditions = ['@nestcms/source', 'module', 'node', 'development|production'];

/**
 * The tests that judge mutants: those next to the three folders, the vectors of keys, and what is found out
 * about pipelines by the places of the keys. Those of the engine pass through all three as well: they would
 * notice hardly more, and take ten times as long. It stands alone, because mutants live in a copy of this folder.
 */
export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    name: 'aggregation-cache',
    include: [
      'src/{keys,router,validity}/*.test.ts',
      'src/classes/{analyse-pipeline,stages}.test.ts',
      'test/keys/*.test.ts',
    ],
    isolate: false,
    sequence: { sequencer: LikelyFirst },
    setupFiles: ['@nestcms/mutation/setup', './test/mutation/bound-properties.ts'],
    // A busy machine must not decide what is noticed.
    testTimeout: 10_000,
  },
});
