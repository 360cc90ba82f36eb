import { defineConfig } from 'vitest/config';
import { sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'start',
    include: ['lib/**/*.test.{ts,mjs}', 'run/**/*.test.ts', 'test/**/*.test.{ts,mjs}'],
  },
});
