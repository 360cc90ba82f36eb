import { bundleProgram, runInBrowserContext } from '@nestcms/runtimes';
import { beforeAll, describe, expect, it } from 'vitest';

describe('the core in a bundle for browsers', () => {
  let bundle: string;
  beforeAll(async () => {
    ({ script: bundle = '' } = await bundleProgram(new URL('program.ts', import.meta.url)));
  });

  it('works without process and Buffer', async () => {
    const checked = await runInBrowserContext(bundle);
    expect(checked.length).toBeGreaterThan(6);
    expect(checked.filter(({ error }) => error !== undefined)).toEqual([]);
    const skipped = checked.filter((check) => check.skipped !== undefined);
    expect(skipped.map((check) => check.skipped)).toEqual(['no AsyncLocalStorage']);
  });

  it('works where even performance and Symbol.dispose are missing', async () => {
    // The symbol itself cannot be deleted.
    const prelude = `
      delete globalThis.performance;
      const { Symbol: Whole } = globalThis;
      globalThis.Symbol = new Proxy((text) => Whole(text), {
        get: (_, key) => (key === 'dispose' ? undefined : Whole[key]),
      });
    `;
    const checked = await runInBrowserContext(bundle, prelude);
    expect(checked.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(checked.map(({ skipped }) => skipped)).toContain('no Symbol.dispose');
  });
});
