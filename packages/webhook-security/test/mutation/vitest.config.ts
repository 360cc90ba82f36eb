import { LikelyFirst } from '@nestcms/mutation/likely-first';
import { defineConfig } from 'vitest/config';

/**
 * The tests that judge mutants of the core: those next to the sources, the vectors, the traps and what
 * needs no server, takes no seconds and puts nothing in the place of Node's crypto. It stands alone, because mutants live in a copy of this folder.
 */
export default defineConfig({
  test: {
    name: 'webhook-security',
    include: [
      'src/**/*.test.ts',
      'test/{vectors,paytabs-vectors,published-presets,verifier,options,secrets}.test.ts',
      'test/{replay,callers-code}.test.ts',
      'test/traps-{what-is-signed,keys,replay,addresses}.test.ts',
      'test/stores/memory*.test.ts',
    ],
    exclude: ['src/{adapters,diagnose}/**'],
    isolate: false,
    sequence: { sequencer: LikelyFirst },
    setupFiles: ['@nestcms/mutation/setup'],
    testTimeout: 3_000,
  },
});
