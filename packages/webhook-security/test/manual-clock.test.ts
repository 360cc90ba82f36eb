import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const clockOf = (name: string) =>
  readFileSync(new URL(`../../${name}/src/testing/manual-clock.ts`, import.meta.url), 'utf8');

it("is the same clock as circuit-breaker's, where it is tested, though neither knows the other", () => {
  expect(clockOf('webhook-security')).toBe(clockOf('circuit-breaker'));
});
