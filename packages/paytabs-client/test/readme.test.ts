import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CLIENT_DEFAULTS, regions } from '../src/index.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** Inside the package, so that the examples find it by its own name. */
const FOLDER = new URL('../temp/readme/', import.meta.url);

const examples = Array.from(README.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ''], index) => ({
  code,
  file: `example-${index + 1}.ts`,
  results: Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, result]) => result),
}));

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
});

afterAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

describe('the README', () => {
  it('has its examples', () => {
    expect(examples).toHaveLength(4);
    expect(examples.every(({ results }) => results.length > 0)).toBe(true);
  });

  it.each(examples)('prints what it says in $file', async ({ code, file, results }) => {
    const path = new URL(file, FOLDER);
    writeFileSync(path, code);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await import(/* @vite-ignore */ path.href);
      expect(log.mock.calls.map((args) => format(...args))).toEqual(results);
    } finally {
      log.mockRestore();
    }
  });

  it.each(Object.entries(CLIENT_DEFAULTS))('gives the default of %s', (option, value) => {
    const row = README.split('\n').find((line) => line.startsWith(`| \`${option}\``));
    expect(row?.split('|')[3]?.trim()).toBe(value.toLocaleString('en'));
  });

  it('names every region', () => {
    for (const region of Object.keys(regions)) expect(README).toContain(`\`${region}\``);
  });

  it('says that it is not affiliated with PayTabs', () => {
    expect(README).toContain('Not affiliated with PayTabs');
  });
});
