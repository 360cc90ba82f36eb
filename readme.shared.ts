import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

/**
 * Runs every example of a README as a stranger would: each block of TypeScript prints the results
 * (`// → …`) that stand in it. Call it inside a `describe` of `<package>/test/readme.test.ts`.
 */
export function describeExamples(readmeUrl: URL, count: number): void {
  /** Inside the package, so that the examples find it by its own name. */
  const folder = new URL('temp/readme/', readmeUrl);
  const readme = readFileSync(readmeUrl, 'utf8');
  const examples = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ''], index) => ({
    code,
    file: `example-${index + 1}.ts`,
    results: Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, result]) => result),
  }));

  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    // Decorators are transformed as the nearest configuration that includes the file says.
    const config = { extends: '../../tsconfig.json', include: ['.'] };
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
