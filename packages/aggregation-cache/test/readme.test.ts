import { readdirSync, readFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';
import { CACHE_DEFAULTS, CLASS_DEFAULTS } from '../src/index.js';
import { REDIS_STORE_DEFAULTS } from '../src/stores/redis/index.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const README_URL = new URL('../README.md', import.meta.url);
const README = readFileSync(README_URL, 'utf8');
const dropDatabase = async () => {
  const client = new MongoClient(inject('mongodbUri'));
  await client.db('aggregation_cache_readme').dropDatabase();
  await client.close();
};

beforeAll(async () => {
  vi.stubEnv('MONGODB_URI', inject('mongodbUri'));
  vi.stubEnv('REDIS_URL', inject('redisCacheUrl'));
  await dropDatabase();
});

afterAll(dropDatabase);

/** Both together have every table. */
const PAGES = README + read('../docs/options.md');
const sectionOf = (heading: string): string => {
  const [, section = ''] = PAGES.split(`\n## ${heading}\n`);
  return section.split('\n## ')[0] ?? '';
};

/** The names between back quotes in the first column of the table under `heading`; of `a.b` the `a`. */
const tableOf = (heading: string): string[] =>
  sectionOf(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) =>
      Array.from((line.split('|')[1] ?? '').matchAll(/`(\w+)(?:\.\w+)?`/g), ([, n]) => n ?? ''),
    );

describe('the README', () => {
  describeExamples(README_URL, 1);

  const { memoryMaxBytes, stallMs, explainSlowRate, explainSlowEveryMs, ...cacheDefaults } =
    CACHE_DEFAULTS;
  const tables = {
    'Options of a class': CLASS_DEFAULTS,
    'Options of the cache': {
      ...cacheDefaults,
      'memory.maxBytes': memoryMaxBytes,
      'changes.stallMs': stallMs,
      'explainSlow.rate': explainSlowRate,
      'explainSlow.everyMs': explainSlowEveryMs,
    },
    'Options of the Redis store': REDIS_STORE_DEFAULTS,
  };
  const defaults = Object.entries(tables).flatMap(([heading, values]) =>
    Object.entries(values).map(([option, value]) => ({ heading, option, value })),
  );

  it.each(defaults)('gives the default of $option in "$heading"', ({ heading, option, value }) => {
    const row = sectionOf(heading)
      .split('\n')
      .find((line) => line.startsWith(`| \`${option}\``));
    const told = row?.split('|')[3]?.trim().replaceAll('`', '');
    expect(told).toBe(typeof value === 'number' ? value.toLocaleString('en') : String(value));
  });

  it.each([
    ['Options of a class', '../src/classes/read-class-options.ts', ['pipeline']],
    ['Options of the cache', '../src/options.ts', []],
    ['Options of the Redis store', '../src/stores/redis/redis-remote-store.ts', []],
  ])('has every option in "%s", and no other', (heading, path, more) => {
    const [, list = ''] = /const KNOWN = \[(.*?)\];/s.exec(read(path)) ?? [];
    const known = Array.from(list.matchAll(/'(\w+)'/g), ([, name]) => name);
    expect(known.length).toBeGreaterThan(5);
    expect(new Set(tableOf(heading))).toEqual(new Set([...known, ...more]));
  });

  it('leads to every page', () => {
    const pages = readdirSync(new URL('../docs/', import.meta.url));
    expect(pages.filter((page) => !README.includes(`](docs/${page}`))).toEqual([]);
  });

  it('can be read in two minutes', () => {
    expect(README.split('\n').length).toBeLessThan(200);
  });

  it('names the versions that are installed', () => {
    const installed = (name: string) => {
      const file = read(`../node_modules/${name}/package.json`);
      return (JSON.parse(file) as { version: string }).version;
    };
    const others = ['Node', 'MongoDB', 'Redis', 'TypeScript'];
    const rows = sectionOf('Tested with').matchAll(
      /^\| ([\w@/-]+)(?: \(driver\))? +\| (\d\S*) +\|$/gm,
    );
    const packages = Array.from(rows, ([, name = '', version]) => ({ name, version })).filter(
      ({ name }) => !others.includes(name),
    );
    expect(packages).toHaveLength(7);
    expect(packages).toEqual(packages.map(({ name }) => ({ name, version: installed(name) })));
  });

  it('has every error', () => {
    const codes = Array.from(read('../src/errors.ts').matchAll(/^ {2}([A-Z_]+): /gm), ([, c]) => c);
    expect(codes.length).toBeGreaterThan(5);
    expect(new Set(tableOf('Errors'))).toEqual(new Set(codes));
  });
});
