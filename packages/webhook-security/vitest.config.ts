import { defineConfig } from 'vitest/config';
import { maxWorkers, sourceConditions, typeTests } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'webhook-security',
    maxWorkers,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Real servers on a busy machine.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 15_000 } },
    globalSetup: ['@nestcms/testbed/global-setup'],
    typecheck: typeTests,
  },
});
