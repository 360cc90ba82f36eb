import { describe, expect, it } from 'vitest';
import { isKnownRefusal } from './known-refusals.js';

describe('a code of the gateway', () => {
  it.each([1, 2, 101, 102, 106, 113, 118, 120, 200, 206, 325, 342, '118', '305'])(
    '%s says that nothing was done',
    (code) => {
      expect(isKnownRefusal(code)).toBe(true);
    },
  );

  it.each([4, 0, -118, 99, 118.5, 400, 401, 402, 499, 500, 600, 9999, '', ' ', 'G44735', 'x118'])(
    '%s leaves it open',
    (code) => {
      expect(isKnownRefusal(code)).toBe(false);
    },
  );
});
