import { defineConfig } from 'vitest/config';
import { maxWorkers, sourceConditions, typeTests } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'circuit-breaker',
    maxWorkers,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // No test changes what modules share, and to load them anew for each file takes longer than the tests.
    isolate: false,
    // The model's schedules take a second on an idle machine.
    testTimeout: 30_000,
    typecheck: typeTests,
  },
});
