import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';
import { payTabsCallback, payTabsReturn, refusalStatus, VERIFIER_DEFAULTS } from '../src/index.js';

const readmeUrl = new URL('../README.md', import.meta.url);
const readme = readFileSync(readmeUrl, 'utf8');
const section = (heading: string) => readme.split('\n## ').find((text) => text.startsWith(heading));

const row = (first: string, heading = 'Options') =>
  section(heading)
    ?.split('\n')
    .find((line) => line.startsWith(`| \`${first}\` `))
    ?.split('|')
    .map((cell) => cell.trim());

describe('the README', () => {
  describeExamples(readmeUrl, 5);

  it('has a line for each reason, with its status', () => {
    const statuses = Object.keys(refusalStatus).map((reason) => [
      reason,
      row(reason, 'Reasons')?.[2],
    ]);
    expect(statuses).toEqual(
      Object.entries(refusalStatus).map(([reason, status]) => [reason, String(status)]),
    );
  });

  it.each([
    ['toleranceMs', VERIFIER_DEFAULTS.toleranceMs],
    ['replay.claimMs', VERIFIER_DEFAULTS.claimMs],
    ['replay.keepMs', VERIFIER_DEFAULTS.keepMs],
    ['replay.timeoutMs', VERIFIER_DEFAULTS.timeoutMs],
  ])('gives the default of %s', (option, value) => {
    expect(row(option)?.[3]).toBe(value.toLocaleString('en'));
  });

  it('gives the defaults of the PayTabs schemes', () => {
    const { maxBytes, bodyTime, repeatStatus } = payTabsCallback();
    expect(row('maxBytes')?.[5]).toContain(`callback ${maxBytes.toLocaleString('en')}`);
    expect(row('maxBytes')?.[5]).toContain(
      `return ${payTabsReturn().maxBytes.toLocaleString('en')}`,
    );
    expect(row('maxAgeMs')?.[5]).toContain(`PayTabs ${bodyTime?.maxAgeMs.toLocaleString('en')}`);
    expect(row('maxAheadMs')?.[5]).toContain(
      `PayTabs ${bodyTime?.maxAheadMs.toLocaleString('en')}`,
    );
    expect(row('replay.repeatStatus')?.[5]).toContain(`PayTabs ${repeatStatus}`);
  });
});
