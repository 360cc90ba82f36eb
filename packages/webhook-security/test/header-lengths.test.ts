import { expect, it } from 'vitest';
import { headerKinds } from './fuzz/header-lengths.js';
import { cpuMsOf } from './support/cpu-ms.js';

// Seconds of work in one piece, and a busy machine gives it a share.
it('a header of a megabyte is answered, whichever it is and whatever it is made of', {
  timeout: 180_000,
}, () => {
  const slowMs = 2_000;
  const slow: string[] = [];
  for (const { name, verify } of headerKinds) {
    // Anything quadratic would take minutes.
    if (cpuMsOf(() => verify(1_048_576)) > slowMs) slow.push(name);
  }
  expect(slow).toEqual([]);
  expect(headerKinds.length).toBeGreaterThan(500);
});
