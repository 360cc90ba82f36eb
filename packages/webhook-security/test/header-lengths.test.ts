import { expect, it } from 'vitest';
import { headerKinds } from './fuzz/header-lengths.js';

it('a header of a megabyte is answered, whichever it is and whatever it is made of', () => {
  const slowMs = 2_000;
  const slow: string[] = [];
  for (const { name, verify } of headerKinds) {
    const before = performance.now();
    verify(1_048_576);
    // Anything quadratic would take minutes.
    if (performance.now() - before > slowMs) slow.push(name);
  }
  expect(slow).toEqual([]);
  expect(headerKinds.length).toBeGreaterThan(500);
});
