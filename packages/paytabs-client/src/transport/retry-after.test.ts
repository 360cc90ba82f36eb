import { describe, expect, it } from 'vitest';
import { readRetryAfter } from './retry-after.js';

const now = Date.UTC(2026, 8, 13, 8, 0, 0);

describe('Retry-After', () => {
  it.each([
    ['7', 7000],
    ['0', 0],
    ['Sun, 13 Sep 2026 08:00:10 GMT', 10_000],
    ['Sun, 13 Sep 2026 07:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['soon', undefined],
    ['', undefined],
    ['-5', 0],
    [undefined, undefined],
  ])('%j is %j ms', (header, waitMs) => {
    expect(readRetryAfter(header, now)).toBe(waitMs);
  });
});
