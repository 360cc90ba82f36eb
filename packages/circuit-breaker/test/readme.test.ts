import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';
import * as everything from '../src/index.js';

const PACKAGE_URL = new URL('../', import.meta.url);
const README_URL = new URL('README.md', PACKAGE_URL);
const DOCS_URL = new URL('docs/', PACKAGE_URL);

const pages = readdirSync(DOCS_URL).filter((name) => name.endsWith('.md'));
const textOf = (url: URL) => readFileSync(url, 'utf8');
const samplesIn = (text: string) => text.match(/^```ts$/gm)?.length ?? 0;

describe('the README', () => {
  describeExamples(README_URL, 5, PACKAGE_URL);

  it('leads to every page', () => {
    const readme = textOf(README_URL);
    expect(pages.filter((page) => !readme.includes(`(docs/${page}`))).toEqual([]);
  });
});

describe.each(pages)('the page %s', (page) => {
  const url = new URL(page, DOCS_URL);
  const text = textOf(url);

  if (samplesIn(text) > 0) describeExamples(url, samplesIn(text), PACKAGE_URL);

  it('leads nowhere that is not there', () => {
    const links = Array.from(text.matchAll(/\]\(([^)#:]+\.md)(?:#[^)]*)?\)/g), ([, link]) => link);
    const there = new Set(pages.concat('../README.md'));
    expect(links.filter((link) => !there.has(link as string))).toEqual([]);
  });
});

describe('the table of all defaults', () => {
  const rows = textOf(new URL('defaults.md', DOCS_URL))
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const defaults = Object.entries(everything)
    .filter(([name]) => name.endsWith('_DEFAULTS'))
    .flatMap(([constant, values]) =>
      Object.entries(values as Record<string, unknown>).map(([key, value]) => ({
        constant,
        key,
        value,
      })),
    );
  const inWords = (value: unknown): string =>
    typeof value === 'number' ? value.toLocaleString('en') : String(value);

  it.each(defaults)(
    'has $constant.$key with its value and its reason',
    ({ constant, key, value }) => {
      const row = rows.find((line) => line.startsWith(`| \`${constant}.${key}\``));
      const [, , , shown, , reason] = row?.split('|').map((cell) => cell.trim()) ?? [];
      expect(shown).toBe(inWords(value));
      expect(reason?.length).toBeGreaterThan(10);
    },
  );
});
