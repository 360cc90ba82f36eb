import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

/**
 * Runs every example of a README, or of another page, as a stranger would: each block of TypeScript
 * prints the results (`// → …`) that stand in it. Call it inside a `describe` of a test.
 * @param packageUrl the folder of the package, where the examples find it by its own name
 */
export function describeExamples(
  pageUrl: URL,
  count: number,
  packageUrl: URL = new URL('.', pageUrl),
): void {
  const page = pageUrl.pathname.split('/').at(-1)?.replace('.md', '').toLowerCase();
  const folder = new URL(`temp/${page}/`, packageUrl);
  const readme = readFileSync(pageUrl, 'utf8');
  const examples = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ''], index) => ({
    code,
    file: `example-${index + 1}.ts`,
    results: Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, result]) => result),
  }));

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    // Decorators are transformed as the nearest configuration that includes the file says.
    const config = {
      extends: '../../tsconfig.json',
      include: ['.'],
      // Those of Nest are of the older kind, and say which types they stand at.
      ...(readme.includes("from '@nestjs/") && {
        compilerOptions: { experimentalDecorators: true, emitDecoratorMetadata: true },
      }),
    };
    writeFileSync(new URL('tsconfig.json', folder), JSON.stringify(config));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has its examples', () => {
    expect(examples).toHaveLength(count);
    expect(examples.every(({ results }) => results.length > 0)).toBe(true);
  });

  it.each(examples)('prints what it says in $file', { timeout: 20_000 }, async (example) => {
    const path = new URL(example.file, folder);
    writeFileSync(path, example.code);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await import(/* @vite-ignore */ path.href);
      expect(log.mock.calls.map((args) => format(...args))).toEqual(example.results);
    } finally {
      log.mockRestore();
    }
  });
}
