import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const TRAPS = 31;
const MEASURED = 15;

const rows = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
  .filter(([number = '']) => /^[CD]\d+$/.test(number)) as [string, string, string, string][];

/** Skipped with its reason where the servers are not ours to kill; ours are killed in every other run. */
const SKIPPED_WITH_REASON =
  /describe\.skipIf\(usesForeignServers\)\(\s*`[^`]*\$\{FOREIGN_SERVERS_REASON\}/g;
const LEFT_OUT =
  /\b(?:describe|it|test)(?:\.\w+)*\.(?:skip|skipIf|runIf|todo|only|fails)\b|\bskip: true\b|^\s*\/\/\s*(?:describe|it|test)\b/gm;

/** What keeps tests of a file from being run. */
const leftOutOf = (source: string): readonly string[] =>
  source.replaceAll(SKIPPED_WITH_REASON, '').match(LEFT_OUT) ?? [];

const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);

describe('the table of traps', () => {
  it('has each of them', () => {
    const named = new Set(rows.map(([number]) => number));
    expect([...named]).toEqual([...numbered('C', TRAPS), ...numbered('D', MEASURED)]);
  });

  it.each(rows)('%s has the test it names: %s', (_number, _what, file, title) => {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const quoted = [`'${title}'`, `"${title}"`, `\`${title}\``];
    expect(quoted.filter((text) => source.includes(text))).toHaveLength(1);
  });

  it.each([...new Set(rows.map(([, , file]) => file))])('%s leaves no test out', (file) => {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(leftOutOf(source)).toEqual([]);
  });

  it.each([
    "it.skip('a title', () => {});",
    "  it.todo('a title');",
    "describe.skip('a title', () => {});",
    "it.skip.each([1])('a title', () => {});",
    "it.concurrent.skip('a title', () => {});",
    "it('a title', { skip: true }, () => {});",
    "it.fails('a title', () => {});",
    "it.only('another title', () => {});",
    "  // it('a title', () => {});",
    "describe.skipIf(usesForeignServers)('a title', () => {});",
    "describe.skipIf(true)('a title', () => {});",
  ])('would not have one that is left out: %s', (source) => {
    expect(leftOutOf(source)).toHaveLength(1);
  });
});
