import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { samplesIn, withSamples } from '../../docs/write-samples.mjs';
import { linesPrintedBy, linesSaidIn } from './run-sample.js';

const textOf = (url: URL): string => readFileSync(url, 'utf8');

/**
 * Runs both sides of each pair of samples of a library, and compares what they print, and the page that
 * shows them with their files.
 * @param facades entries of this package that may stand in the place of the library
 */
export const describePairs = (library: string, facades: readonly string[]): void => {
  const samples = new URL(`${library}/`, import.meta.url);
  const temp = new URL(`../../temp/migration-${library}/`, import.meta.url);
  const idioms = readdirSync(samples)
    .filter((file) => file.endsWith('.before.ts'))
    .map((file) => file.replace('.before.ts', ''));

  // One clock for all: the timers of a sample that go with their clock would be missed by the next.
  beforeAll(() => {
    vi.useFakeTimers();
    mkdirSync(temp, { recursive: true });
  });
  afterAll(() => {
    vi.useRealTimers();
    rmSync(temp, { recursive: true, force: true });
  });

  describe.each(idioms)('the pair %s', (idiom) => {
    const [before, after] = ['before', 'after'].map((side) =>
      textOf(new URL(`${idiom}.${side}.ts`, samples)),
    ) as [string, string];
    const said = linesSaidIn(before);
    const fileOf = (side: string) => new URL(`${idiom}.${side}.js`, temp);

    it('says on both sides that the same is printed', () => {
      expect(said.length).toBeGreaterThan(0);
      expect(linesSaidIn(after)).toEqual(said);
    });

    it(`prints it with ${library}`, async () => {
      expect(before).toContain(`from '${library}';`);
      expect(await linesPrintedBy(before, fileOf('before'))).toEqual(said);
    });

    it.each(facades)('prints it with %s', async (facade) => {
      const code = before.replace(`from '${library}';`, `from '${facade}';`);
      expect(await linesPrintedBy(code, fileOf('facade'))).toEqual(said);
    });

    it('prints it with the breaker and its policies', async () => {
      expect(await linesPrintedBy(after, fileOf('after'))).toEqual(said);
    });
  });

  describe('the page', () => {
    const page = textOf(new URL(`../../docs/migrating-from-${library}.md`, import.meta.url));

    it('shows every pair, before and after', () => {
      const pairs = idioms.flatMap((idiom) =>
        ['before', 'after'].map((side) => `${library}/${idiom}.${side}.ts`),
      );
      expect(samplesIn(page).sort()).toEqual(pairs.sort());
    });

    it('shows them as they were run (if not: node docs/write-samples.mjs)', () => {
      expect(withSamples(page)).toBe(page);
    });
  });
};
