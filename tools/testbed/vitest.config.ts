import { defineConfig } from 'vitest/config';
import { sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'testbed',
    include: ['test/**/*.test.ts'],
    globalSetup: ['./test/support/global-setup.ts'],
  },
});
