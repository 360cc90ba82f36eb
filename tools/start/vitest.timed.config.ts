import { defineConfig } from 'vitest/config';
import { sourceConditions } from '../../vitest.shared.js';

export const TIMED = 'test/start.test.ts';

export default defineConfig({
  ...sourceConditions,
  test: {
    // Not beside the others: what is promised in seconds is measured here.
    sequence: { groupOrder: 1 },
    name: 'start-timed',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: [TIMED],
  },
});
