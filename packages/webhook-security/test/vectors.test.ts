import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { casesOf } from './vectors/cases-of.js';

const folder = new URL('vector-files/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe.each(files)('%s', (name) => {
  const cases = casesOf(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));

  it.each(cases)('$id', async ({ run }) => {
    expect(await run()).toBeUndefined();
  });
});

it('refuses a file of another shape', () => {
  for (const file of [null, {}, { groups: [] }, { groups: [{}] }]) {
    expect(() => casesOf(file)).toThrow(TypeError);
  }
});
