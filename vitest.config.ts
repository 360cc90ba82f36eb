import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'examples/nest-cms-server',
      'tools/*/vitest.config.ts',
      'tools/start/vitest.timed.config.ts',
    ],
    coverage: { provider: 'v8', include: ['packages/*/src/**', 'examples/*/src/**'] },
  },
});
