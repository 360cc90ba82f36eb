import { existsSync, readFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../src/options.js';

const packageUrl = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, packageUrl), 'utf8');

/** The cells of the rows of all tables below `heading`. */
const rowsOf = (page: string, heading: string): string[][] => {
  const [, section = ''] = read(page).split(`\n## ${heading}\n`);
  return (section.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split(/(?<!\\)\|/).slice(1, -1));
};

describe('the page on consistency', () => {
  const rows = rowsOf('docs/consistency.md', 'What holds when');

  it.each(rows.map((cells) => [cells[0]?.trim() ?? '', cells] as const))(
    'names the test that shows: %s',
    (_, cells) => {
      const [, file = ''] = /`(test\/[\w/.-]+\.test\.ts)`/.exec(cells.at(-1) ?? '') ?? [];
      expect(file).not.toBe('');
      expect(existsSync(new URL(file, packageUrl))).toBe(true);
    },
  );

  it('has its situations', () => {
    expect(rows.length).toBeGreaterThan(15);
  });
});

describe('the page on options', () => {
  /** Numbers by their path: `window.durationMs`. */
  const numbersOf = (value: object, path = ''): [string, string][] =>
    Object.entries(value).flatMap(([key, one]) => {
      if (typeof one === 'object') return numbersOf(one, `${path}${key}.`);
      return typeof one === 'number' ? [[path + key, one.toLocaleString('en')]] : [];
    });
  const { memberBreaker, remoteBreaker } = resolveOptions({
    client: new MongoClient('mongodb://127.0.0.1:1'),
    database: 'any',
  });

  it.each([
    ['a member', 2, memberBreaker],
    ['Redis', 3, remoteBreaker],
  ])('gives the defaults of the breaker of %s', (_, column, breaker) => {
    const told = rowsOf('docs/options.md', 'Defaults of the breakers')
      .map((cells) => [cells[0], cells[column]].map((cell) => cell?.trim().replaceAll('`', '')))
      .filter(([, value]) => value !== '–');
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(numbersOf(breaker)));
  });
});

describe('the page on operations', () => {
  const page = read('docs/operations.md');

  it('has every event', () => {
    const [, body = ''] = read('src/cache/events.ts').split(
      'export interface AggregationCacheEvents {',
    );
    const events = Array.from(body.matchAll(/^ {2}readonly (\w+):/gm), ([, name]) => name);
    const told = rowsOf('docs/operations.md', 'Events, and what to do').map(([first]) =>
      first?.trim().replaceAll('`', ''),
    );
    expect(events.length).toBeGreaterThan(5);
    expect(new Set(told)).toEqual(new Set(events));
  });

  it.each([
    ['src/cache/events.ts', /export type NotStoredReason =(.*?');/s],
    ['src/router/passed-over.ts', /export type PassedOverReason =(.*?');/s],
    ['src/rows/envelope.ts', /export type PoisonReason =(.*?');/s],
  ])('has every reason of %s', (path, union) => {
    const [, body = ''] = union.exec(read(path)) ?? [];
    const reasons = Array.from(body.matchAll(/\| '(\w+)'/g), ([, name = '']) => name);
    expect(reasons.length).toBeGreaterThan(3);
    expect(reasons.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
  });
});
