import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EVENT_NAMES } from '../../src/adapters/opossum/events.js';
import { OPOSSUM_DEFAULTS } from '../../src/adapters/opossum/index.js';

const page = readFileSync(new URL('../../docs/opossum.md', import.meta.url), 'utf8');
const rowOf = (name: string) => page.split('\n').find((line) => line.startsWith(`| \`${name}`));

it.each(Object.entries(OPOSSUM_DEFAULTS))('the page gives the default of %s', (name, value) => {
  const row = rowOf(name === 'healthCheckInterval' ? 'healthCheck' : name);
  const shown = value === Number.MAX_SAFE_INTEGER ? 'no limit' : value.toLocaleString('en');
  expect(row?.split('|')[3]?.trim()).toBe(shown);
});

it('the page tells of every event', () => {
  const [, events = ''] = page.split('\n## Events\n');
  const [table = ''] = events.split('\n## ');
  expect(EVENT_NAMES.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});

it('the page has its parts in order, and a better version for each anti-pattern', () => {
  const parts = Array.from(page.matchAll(/^## (.*)$/gm), ([, part]) => part);
  expect(parts).toEqual(['About', 'Usage', 'Options', 'Events', 'Differences', 'Anti-patterns']);
  const [, antiPatterns = ''] = page.split('## Anti-patterns');
  const each = antiPatterns.split(/^(?=\*\*)/m).slice(1);
  expect(each.length).toBeGreaterThan(1);
  expect(each.filter((one) => !/\bbetter\b/i.test(one))).toEqual([]);
});
