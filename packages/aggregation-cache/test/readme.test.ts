import { readFileSync } from 'node:fs';
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

/** The names between back quotes in the first column of the table under `heading`. */
const tableOf = (heading: string): string[] => {
  const [, section = ''] = README.split(`\n## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  return body
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) =>
      Array.from((line.split('|')[1] ?? '').matchAll(/`(\w+)`/g), ([, n]) => n ?? ''),
    );
};

describe('the README', () => {
  describeExamples(README_URL, 2);

  it.each([
    ['ttlMs', CLASS_DEFAULTS.ttlMs],
    ['ttlJitter', CLASS_DEFAULTS.ttlJitter],
    ['maxTimeMs', CLASS_DEFAULTS.maxTimeMs],
    ['version', CLASS_DEFAULTS.version],
    ['memory.maxBytes', CACHE_DEFAULTS.memoryMaxBytes],
    ['maxEntryBytes', CACHE_DEFAULTS.maxEntryBytes],
    ['heartbeatMs', CACHE_DEFAULTS.heartbeatMs],
    ['selectionTimeoutMs', CACHE_DEFAULTS.selectionTimeoutMs],
    ['lagBudgetMs', CACHE_DEFAULTS.lagBudgetMs],
    ['timeoutMs', REDIS_STORE_DEFAULTS.timeoutMs],
  ])('gives the default of %s', (option, value) => {
    const row = README.split('\n').find((line) => line.startsWith(`| \`${option}\``));
    expect(row?.split('|')[3]?.trim()).toBe(value.toLocaleString('en'));
  });

  it('has every event', () => {
    const source = read('../src/cache/events.ts');
    const [, body = ''] = source.split('export interface AggregationCacheEvents {');
    const events = Array.from(body.matchAll(/^ {2}readonly (\w+):/gm), ([, name]) => name);
    expect(events.length).toBeGreaterThan(5);
    expect(new Set(tableOf('Events'))).toEqual(new Set(events));
  });

  it('has every error', () => {
    const codes = Array.from(read('../src/errors.ts').matchAll(/^ {2}([A-Z_]+): /gm), ([, c]) => c);
    expect(codes.length).toBeGreaterThan(5);
    expect(new Set(tableOf('Errors'))).toEqual(new Set(codes));
  });
});
