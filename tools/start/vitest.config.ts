import { defineConfig } from 'vitest/config';
import { sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    // Not beside the others: what is promised in seconds is measured here.
    sequence: { groupOrder: 1 },
    name: 'start',
    // Commands as processes of their own, on a machine that may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['lib/**/*.test.{ts,mjs}', 'run/**/*.test.ts', 'test/**/*.test.{ts,mjs}'],
  },
});
