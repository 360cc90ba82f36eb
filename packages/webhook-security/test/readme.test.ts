import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeExamples } from '../../../readme.shared.js';
import { BODY_LIMITS } from '../src/adapters/body-gate.js';
import { payTabsCallback, payTabsReturn, refusalStatus, VERIFIER_DEFAULTS } from '../src/index.js';
import { PRESETS } from '../src/scheme/presets/all.js';
import { schemeRow } from './scheme-rows.js';

const packageUrl = new URL('../', import.meta.url);
const textOf = (path: string) => readFileSync(new URL(path, packageUrl), 'utf8');
const readme = textOf('README.md');
const section = (heading: string) => readme.split('\n## ').find((text) => text.startsWith(heading));

const rows = (heading: string) =>
  (section(heading)?.split('\n') ?? [])
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

const row = (first: string, heading = 'Options') =>
  rows(heading).find((cells) => cells[1] === `\`${first}\``);

/** What stands in backticks at the beginning of a section's rows. */
const firsts = (heading: string) => rows(heading).map((cells) => cells[1]?.replaceAll('`', ''));

describe('the README', () => {
  describeExamples(new URL('README.md', packageUrl), 13);

  it('has a line for each reason, with its status', () => {
    const statuses = Object.keys(refusalStatus).map((reason) => [
      reason,
      row(reason, 'Reasons')?.[2],
    ]);
    expect(statuses).toEqual(
      Object.entries(refusalStatus).map(([reason, status]) => [reason, String(status)]),
    );
  });

  it('has a line for each preset, as its data says', () => {
    expect(rows('Schemes').map((cells) => cells.slice(1, -1))).toEqual(
      Object.entries(PRESETS).map(([name, make]) => schemeRow(name, make())),
    );
    expect(readme).toContain(`Presets for ${Object.keys(PRESETS).length} schemes`);
  });

  it('has a line for each entry of the package', () => {
    const { exports } = JSON.parse(textOf('package.json')) as { readonly exports: object };
    const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
    expect(new Set(firsts('Entries'))).toEqual(
      new Set(entries.map((entry) => (entry === '.' ? '.' : entry.slice(1)))),
    );
  });

  it('has a line for each error code', () => {
    const codes = Array.from(
      textOf('src/errors.ts').matchAll(/\| '([A-Z_]+)'/g),
      ([, code]) => code,
    );
    expect(codes.length).toBeGreaterThan(10);
    expect(new Set(firsts('Errors'))).toEqual(new Set(codes));
  });

  it('has a line for each event', () => {
    const names = textOf('src/observer.ts').matchAll(/readonly event: '(\w+)'/g);
    expect(new Set(firsts('Events'))).toEqual(new Set(Array.from(names, ([, name]) => name)));
  });

  it('has a line for each option', () => {
    const [, names = ''] =
      textOf('src/options.ts').match(/verifierOptionNames = \[([^\]]*)\]/) ?? [];
    const options = Array.from(names.matchAll(/'(\w+)'/g), ([, name]) => name);
    expect(options).toContain('verifyToken');
    const shown = firsts('Options');
    expect(options.filter((name) => name !== 'replay' && !shown.includes(name))).toEqual([]);
    expect(options.includes('replay') && shown.includes('replay.store')).toBe(true);
  });

  it.each([
    ['toleranceMs', VERIFIER_DEFAULTS.toleranceMs],
    ['keysTimeoutMs', VERIFIER_DEFAULTS.keysTimeoutMs],
    ['payloadTimeoutMs', VERIFIER_DEFAULTS.payloadTimeoutMs],
    ['replay.claimMs', VERIFIER_DEFAULTS.claimMs],
    ['replay.keepMs', VERIFIER_DEFAULTS.keepMs],
    ['replay.timeoutMs', VERIFIER_DEFAULTS.timeoutMs],
    ['bodyTimeoutMs', BODY_LIMITS.bodyTimeoutMs],
    ['maxBodies', BODY_LIMITS.maxBodies],
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
