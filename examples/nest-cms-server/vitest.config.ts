import { defineConfig } from 'vitest/config';
import { sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'nest-cms-server',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['@nestcms/testbed/global-setup'],
    testTimeout: 20_000,
    // Some tests start servers of their own.
    hookTimeout: 60_000,
  },
});
