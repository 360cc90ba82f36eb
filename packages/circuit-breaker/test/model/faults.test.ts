import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { load, planted } from './bundle.ts';
import { FAULTS } from './faults.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('planted faults', () => {
  it('are at least twelve, each of another name', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    expect(FAULTS.length).toBeGreaterThanOrEqual(12);
  });

  it.each(FAULTS)('have a place in the breaker as it is: $name', (fault) => {
    const source = read(fault.file);
    expect(planted(source, fault)).not.toBe(source);
  });

  it('without a place, or with two, are refused', () => {
    const fault = { name: 'x', file: 'y', edits: [['a', 'b']] } as const;
    expect(() => planted('c', fault)).toThrow(/fits 0 places/);
    expect(() => planted('aca', fault)).toThrow(/fits 2 places/);
  });

  it.each([
    'a late result counts',
    'an event comes before the state',
    'one trial too many at once',
  ])('are found, and shown by a few steps: %s', async (name) => {
    const fault = FAULTS.find((one) => one.name === name);
    const faulty = await load<typeof import('./campaign.js')>('campaign.ts', fault);
    const finding = await faulty.search(1, 10_000);
    expect(finding).toBeDefined();
    expect(finding?.shortest.steps.length).toBeLessThan(25);
  });
});
