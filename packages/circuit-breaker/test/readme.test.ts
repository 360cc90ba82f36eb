import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BACKOFF_DEFAULTS, BREAKER_DEFAULTS, RETRY_DEFAULTS } from '../src/index.js';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** Inside the package, so that the examples find it by its own name. */
const FOLDER = new URL('../temp/readme/', import.meta.url);

const examples = Array.from(README.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ''], index) => ({
  code,
  file: `example-${index + 1}.ts`,
  results: Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, result]) => result),
}));

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
});

afterAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

describe('the README', () => {
  it('has its examples', () => {
    expect(examples).toHaveLength(7);
    expect(examples.every(({ results }) => results.length > 0)).toBe(true);
  });

  it.each(examples)('prints what it says in $file', async ({ code, file, results }) => {
    const path = new URL(file, FOLDER);
    writeFileSync(path, code);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await import(/* @vite-ignore */ path.href);
      expect(log.mock.calls.map((args) => format(...args))).toEqual(results);
    } finally {
      log.mockRestore();
    }
  });

  it.each([
    ['window.size', BREAKER_DEFAULTS.windowSize],
    ['window.durationMs', BREAKER_DEFAULTS.windowDurationMs],
    ['window.buckets', BREAKER_DEFAULTS.windowBuckets],
    ['failureRate', BREAKER_DEFAULTS.failureRate],
    ['minimumCalls', BREAKER_DEFAULTS.minimumCalls],
    ['openForMs', BREAKER_DEFAULTS.openForMs],
    ['halfOpen.trials', BREAKER_DEFAULTS.trials],
    ['halfOpen.maxConcurrent', BREAKER_DEFAULTS.maxConcurrent],
    ['halfOpen.maxDurationMs', BREAKER_DEFAULTS.maxTrialMs],
    ['maxAttempts', RETRY_DEFAULTS.maxAttempts],
    ['maxDelayMs', RETRY_DEFAULTS.maxDelayMs],
    ['backoff.initialMs', BACKOFF_DEFAULTS.initialMs],
    ['backoff.factor', BACKOFF_DEFAULTS.factor],
    ['backoff.maxMs', BACKOFF_DEFAULTS.maxMs],
  ])('gives the default of %s', (option, value) => {
    const row = README.split('\n').find((line) => line.startsWith(`| \`${option}\``));
    expect(row?.split('|')[3]?.trim()).toBe(value.toLocaleString('en'));
  });
});
