import { defineConfig } from 'vitest/config';
import { maxWorkers, sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'nest-cms-server',
    maxWorkers,
    // To load the modules anew for each file takes longer than most files. So a test puts back what all
    // files of a process share: what it spies on, mocks, or sets.
    isolate: false,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['@nestcms/testbed/global-setup'],
    // Generous: a busy machine must not decide what passes, and some tests start processes of the server.
    testTimeout: 60_000,
    // Some tests start servers of their own.
    hookTimeout: 60_000,
  },
});
