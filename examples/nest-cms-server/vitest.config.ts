import { defineConfig } from 'vitest/config';
import { sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: { name: 'nest-cms-server', include: ['src/**/*.test.ts', 'test/**/*.test.ts'] },
});
