import 'reflect-metadata';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { payTabsCallback, payTabsReturn, refusalStatus, VERIFIER_DEFAULTS } from '../src/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
/** Inside the package, so that the examples find it by its own name. */
const folder = new URL('../temp/readme/', import.meta.url);

const examples = Array.from(readme.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = ''], index) => ({
  code,
  file: `example-${index + 1}.ts`,
  results: Array.from(code.matchAll(/\/\/ → (.*)$/gm), ([, result]) => result),
}));

const section = (heading: string) => readme.split('\n## ').find((text) => text.startsWith(heading));

const row = (first: string, heading = 'Options') =>
  section(heading)
    ?.split('\n')
    .find((line) => line.startsWith(`| \`${first}\` `))
    ?.split('|')
    .map((cell) => cell.trim());

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  // Decorators are transformed as the nearest configuration that includes the file says.
  const config = { extends: '../../tsconfig.json', include: ['.'] };
  writeFileSync(new URL('tsconfig.json', folder), JSON.stringify(config));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the README', () => {
  it('has its examples', () => {
    expect(examples).toHaveLength(5);
    expect(examples.every(({ results }) => results.length > 0)).toBe(true);
  });

  it.each(examples)('prints what it says in $file', async ({ code, file, results }) => {
    const path = new URL(file, folder);
    writeFileSync(path, code);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await import(/* @vite-ignore */ path.href);
      expect(log.mock.calls.map((args) => format(...args))).toEqual(results);
    } finally {
      log.mockRestore();
    }
  });

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
