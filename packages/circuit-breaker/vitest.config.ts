import { defineConfig } from 'vitest/config';
import { sourceConditions } from '../../vitest.shared.js';

export default defineConfig({
  ...sourceConditions,
  test: {
    name: 'circuit-breaker',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // The model's schedules take a second on an idle machine.
    testTimeout: 30_000,
    typecheck: { enabled: true, include: ['src/**/*.test-d.ts', 'test/**/*.test-d.ts'] },
  },
});
