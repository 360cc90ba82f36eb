import { afterAll, inject } from 'vitest';

/*
 * Stryker adds what a test file covered to what the files before it covered, where files share one process,
 * and reports the sum after each of them: with some hundred files that is more than a heap holds. Each file
 * reports its own here.
 */

interface Coverage {
  readonly static: Record<string, number>;
  perTest: Record<string, Record<string, number>>;
}

interface Stryker {
  mutantCoverage?: Coverage;
  /** The one object that the code under test writes to, from its first call on. */
  written?: Coverage;
}

const name = inject('globalNamespace' as never) as string;
const stryker = (globalThis as unknown as Record<string, Stryker>)[name];

if (stryker?.written !== undefined) {
  stryker.mutantCoverage = stryker.written;
}

// Hooks after a file run last one first: this one before Stryker's, which reports.
afterAll(() => {
  const written = stryker?.mutantCoverage;
  if (stryker === undefined || written === undefined) {
    return;
  }
  stryker.written = written;
  stryker.mutantCoverage = { static: { ...written.static }, perTest: written.perTest };
  written.perTest = {};
});
