import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GROUP_DEFAULTS, OUTLIER_DEFAULTS } from '../src/index.js';
import { RECORDER_DEFAULTS } from '../src/simulate/index.js';

const textOf = (page: string) =>
  readFileSync(new URL(`../docs/${page}.md`, import.meta.url), 'utf8');

describe.each(['groups', 'registry', 'shadow-mode', 'simulate', 'snapshot', 'streams'])(
  'the page on %s',
  (page) => {
    it('has its parts in the fixed order', () => {
      const parts = Array.from(textOf(page).matchAll(/^## (.*)$/gm), ([, part]) => part);
      expect(parts).toEqual([
        'About',
        'Usage',
        'Defaults',
        'Events',
        'How it fails',
        'Patterns',
        'Anti-patterns',
      ]);
    });

    it('has a better version for each anti-pattern', () => {
      const [, antiPatterns = ''] = textOf(page).split('## Anti-patterns');
      const each = antiPatterns.split(/^(?=\*\*)/m).slice(1);
      expect(each.length).toBeGreaterThan(1);
      expect(each.filter((one) => !/\bbetter\b/i.test(one))).toEqual([]);
    });
  },
);

describe('the tables of defaults', () => {
  it.each([
    ['groups', 'maxKeys', GROUP_DEFAULTS.maxKeys],
    ...Object.entries(OUTLIER_DEFAULTS).map(([name, value]) => [
      'groups',
      `outlier.${name}`,
      value,
    ]),
    ['simulate', 'maxCalls', RECORDER_DEFAULTS.maxCalls],
  ] as [string, string, number][])('of %s say what %s is', (page, option, value) => {
    const row = textOf(page)
      .split('\n')
      .find((line) => line.startsWith(`| \`${option}\` `));
    expect(row?.split('|')[3]?.trim()).toBe(value.toLocaleString('en'));
  });
});
