import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  BACKOFF_DEFAULTS,
  FAULT_INJECTION_DEFAULTS,
  GROUP_DEFAULTS,
  HEDGE_DEFAULTS,
  OUTLIER_DEFAULTS,
  RETRY_BUDGET_DEFAULTS,
  RETRY_DEFAULTS,
  STANDARD_HTTP_DEFAULTS,
  TIMEOUT_DEFAULTS,
} from '../src/index.js';
import { RECORDER_DEFAULTS } from '../src/simulate/index.js';

const textOf = (page: string) =>
  readFileSync(new URL(`../docs/${page}.md`, import.meta.url), 'utf8');

/** Pages that are no guide to one thing, and those whose parts have an order of their own. */
const OTHERS = new Set(['defaults', 'opossum', 'circuit-breaker', 'runtimes']);

const PAGES = readdirSync(new URL('../docs/', import.meta.url))
  .filter((file) => file.endsWith('.md') && !/migrat|^from-/.test(file))
  .map((file) => file.slice(0, -'.md'.length))
  .filter((page) => !OTHERS.has(page));

describe.each(PAGES)('the page on %s', (page) => {
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
});

/** Which option each number of the standard pipeline is the default of. */
const STANDARD_HTTP: Record<string, keyof typeof STANDARD_HTTP_DEFAULTS> = {
  totalTimeoutMs: 'totalTimeoutMs',
  attemptTimeoutMs: 'attemptTimeoutMs',
  'bulkhead.maxConcurrent': 'maxConcurrent',
  'bulkhead.maxQueue': 'maxQueue',
  'bulkhead.maxQueueMs': 'maxQueueMs',
  'retry.maxAttempts': 'maxAttempts',
  'retry.backoff.initialMs': 'retryInitialMs',
  'retry.backoff.maxMs': 'retryMaxMs',
  'retry.maxDelayMs': 'maxRetryAfterMs',
  'breaker.window': 'windowMs',
  'breaker.failureRate': 'failureRate',
  'breaker.minimumCalls': 'minimumCalls',
  'breaker.openForMs': 'openForMs',
  'breaker.openForMs.maxMs': 'maxOpenForMs',
  'hedge.maxHedges': 'maxHedges',
  'hedge.delayMs.percentile': 'hedgePercentile',
  'hedge.delayMs.minMs': 'hedgeMinMs',
  'hedge.delayMs.initialMs': 'hedgeInitialMs',
};

describe('the tables of defaults', () => {
  it('of standard-http have every number there is', () => {
    expect(Object.values(STANDARD_HTTP).toSorted()).toEqual(
      Object.keys(STANDARD_HTTP_DEFAULTS).toSorted(),
    );
  });

  it.each([
    ['groups', 'maxKeys', GROUP_DEFAULTS.maxKeys],
    ...Object.entries(OUTLIER_DEFAULTS).map(([name, value]) => [
      'groups',
      `outlier.${name}`,
      value,
    ]),
    ['simulate', 'maxCalls', RECORDER_DEFAULTS.maxCalls],
    ['fault-injection', 'enabled', FAULT_INJECTION_DEFAULTS.enabled],
    ['hedge', 'delayMs.percentile', HEDGE_DEFAULTS.percentile],
    ['hedge', 'delayMs.minMs', HEDGE_DEFAULTS.minMs],
    ['hedge', 'delayMs.initialMs', HEDGE_DEFAULTS.initialMs],
    ['hedge', 'minimumCalls', HEDGE_DEFAULTS.minimumCalls],
    ['hedge', 'observedMs', HEDGE_DEFAULTS.observedMs],
    ['hedge', 'maxHedges', HEDGE_DEFAULTS.maxHedges],
    ...Object.entries(RETRY_DEFAULTS).map(([name, value]) => ['retry', name, value]),
    ...Object.entries(RETRY_BUDGET_DEFAULTS).map(([name, value]) => ['retry', name, value]),
    ...Object.entries(BACKOFF_DEFAULTS).map(([name, value]) => ['retry', `backoff.${name}`, value]),
    ['timeout', 'fallbackMs', TIMEOUT_DEFAULTS.fallbackMs],
    ...Object.entries(STANDARD_HTTP).map(([name, key]) => [
      'standard-http',
      name,
      STANDARD_HTTP_DEFAULTS[key],
    ]),
  ] as [string, string, number | string | boolean][])(
    'of %s say what %s is',
    (page, option, value) => {
      const row = textOf(page)
        .split('\n')
        .find((line) => line.startsWith(`| \`${option}\` `));
      expect(row?.split('|')[3]?.trim()).toBe(value.toLocaleString('en'));
    },
  );
});
