import { defineConfig } from 'vitest/config';
import { maxWorkers, sourceConditions, typeTests } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'aggregation-cache',
    maxWorkers,
    // Generous: a busy machine must not decide what passes.
    testTimeout: 30_000,
    globalSetup: ['@nestcms/testbed/global-setup'],
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    typecheck: typeTests,
  },
});
