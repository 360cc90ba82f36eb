import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';
import { CLIENT_DEFAULTS, RECONCILE_DEFAULTS, regions } from '../src/index.js';

const packageUrl = new URL('../', import.meta.url);
const README_URL = new URL('README.md', packageUrl);
const textOf = (path: string) => readFileSync(new URL(path, packageUrl), 'utf8');
const README = textOf('README.md');

const defaultIn = (text: string, option: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(`| \`${option}\``))
    ?.split('|')[3]
    ?.trim();

/** What stands in back quotes at the beginning of the rows under `heading`. */
const firsts = (heading: string) => {
  const [, section = ''] = README.split(`\n## ${heading}\n`);
  const rows = section.split('\n## ')[0]?.matchAll(/^\| `(\w+)`/gm) ?? [];
  return new Set(Array.from(rows, ([, name]) => name));
};

describe('the README', () => {
  describeExamples(README_URL, 1);

  it.each(Object.entries(CLIENT_DEFAULTS))('gives the default of %s', (option, value) => {
    expect(defaultIn(README, option)).toBe(value.toLocaleString('en'));
  });

  it('has every error', () => {
    const codes = Array.from(textOf('src/errors.ts').matchAll(/\| '([A-Z_]+)'/g), ([, c]) => c);
    expect(codes.length).toBeGreaterThan(10);
    expect(firsts('Errors')).toEqual(new Set(codes));
  });

  it('has every event', () => {
    const [, body = ''] = textOf('src/events.ts').split('interface PayTabsEvents {');
    const events = Array.from(body.matchAll(/^ {2}(?:readonly )?(\w+):/gm), ([, name]) => name);
    expect(events.length).toBeGreaterThan(10);
    expect(firsts('Events')).toEqual(new Set(events));
  });

  it('leads to every page', () => {
    const pages = readdirSync(new URL('docs/', packageUrl)).filter((name) => name.endsWith('.md'));
    expect(pages.filter((page) => !README.includes(`](docs/${page})`))).toEqual([]);
  });

  it('names every region', () => {
    for (const region of Object.keys(regions)) expect(README).toContain(`\`${region}\``);
  });

  it('says that it is not affiliated with PayTabs', () => {
    expect(README).toContain('Not affiliated with PayTabs');
  });

  it('can be read in two minutes', () => {
    expect(README.split('\n').length).toBeLessThan(220);
  });
});

describe('the page on reconciling', () => {
  it.each(Object.entries(RECONCILE_DEFAULTS))('gives the default of %s', (option, value) => {
    expect(defaultIn(textOf('docs/reconciling.md'), option)).toBe(value.toLocaleString('en'));
  });
});

describe('the page on the simulator', () => {
  it('has every option', () => {
    const [, rest = ''] = textOf('src/testing/simulator/options.ts').split(
      'export interface SimulatorOptions {',
    );
    const options = rest.split('\n}')[0]?.matchAll(/^ {2}readonly (\w+)\?:/gm) ?? [];
    const page = textOf('docs/simulator.md');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    const firstCells = rows.map((row) => row.split('|')[1]).join();
    const missing = Array.from(options, ([, name]) => name).filter(
      (name) => !firstCells.includes(`\`${name}\``),
    );
    expect(missing).toEqual([]);
  });
});
