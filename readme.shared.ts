import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

/**
 * Runs every example of a README, or of another page, as a stranger would: each block of TypeScript
 * prints the results (`// → …`) that stand in it. A block with a file's name, "ts books.ts", is no
 * example: it lies beside them under that name, for them to import. Call it inside a `describe` of a test.
 * @param packageUrl the folder of the package, where the examples find it by its own name
 * @param mentioning runs only the examples with this in them
 */
export function describeExamples(
  pageUrl: URL,
  count: number,
  packageUrl: URL = new URL('.', pageUrl),
  mentioning = '',
): void {
  const page = pageUrl.pathname.split('/').at(-1)?.replace('.md', '').toLowerCase();
  // One of its own: two pages of one name may be run at the same time.
  const folder = new URL(`temp/${page}-${randomUUID()}/`, packageUrl);
  const readme = readFileSync(pageUrl, 'utf8');
  const codes = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code);
  const examples = codes
    .filter((code) => code.includes(mentioning))
    .map((code, index) => ({
      code,
      file: `example-${index + 1}.ts`,
      results: Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, result]) => result),
    }));
  const parts = Array.from(
    readme.matchAll(/^```ts (\S+\.ts)\n(.*?)^```$/gms),
    ([, file = '', code = '']) => ({ file, code }),
  );

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
    for (const { file, code } of parts) writeFileSync(new URL(file, folder), code);
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
