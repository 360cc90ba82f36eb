import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';
import { BACKOFF_DEFAULTS, BREAKER_DEFAULTS, RETRY_DEFAULTS } from '../src/index.js';

const README_URL = new URL('../README.md', import.meta.url);
const README = readFileSync(README_URL, 'utf8');
describe('the README', () => {
  describeExamples(README_URL, 7);

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
