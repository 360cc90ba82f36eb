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
});
