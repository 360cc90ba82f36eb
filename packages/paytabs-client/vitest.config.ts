import { defineConfig } from 'vitest/config';
import { maxWorkers, sourceConditions, typeTests } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'paytabs-client',
    maxWorkers,
    // To load the modules anew for each file takes longer than most files. So a test puts back what all
    // files of a process share: what it spies on, stubs, or sets.
    isolate: false,
    // Generous: a busy machine must not decide what passes.
    testTimeout: 30_000,
    globalSetup: ['@nestcms/testbed/global-setup'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    typecheck: typeTests,
  },
});
