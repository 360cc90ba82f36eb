import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';
import { CLIENT_DEFAULTS, RECONCILE_DEFAULTS, regions } from '../src/index.js';

const README_URL = new URL('../README.md', import.meta.url);
const README = readFileSync(README_URL, 'utf8');
describe('the README', () => {
  describeExamples(README_URL, 5);

  it.each(Object.entries({ ...CLIENT_DEFAULTS, ...RECONCILE_DEFAULTS }))(
    'gives the default of %s',
    (option, value) => {
      const row = README.split('\n').find((line) => line.startsWith(`| \`${option}\``));
      expect(row?.split('|')[3]?.trim()).toBe(value.toLocaleString('en'));
    },
  );

  it('names every region', () => {
    for (const region of Object.keys(regions)) expect(README).toContain(`\`${region}\``);
  });

  it('says that it is not affiliated with PayTabs', () => {
    expect(README).toContain('Not affiliated with PayTabs');
  });
});
