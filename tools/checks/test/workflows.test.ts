import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT, publishedPackages } from '../lib/packages.mjs';

const FOLDER = join(PROJECT_ROOT, '.github', 'workflows');
const scriptsOf = (folder: string): string[] =>
  Object.keys(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts ?? {});

it.each(readdirSync(FOLDER))('%s runs only scripts that exist', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const inPackages = new Set(publishedPackages().flatMap(({ folder }) => scriptsOf(folder)));
  const runs = [...text.matchAll(/pnpm@\S+ (.*?)run (\S+)/g)];
  const unknown = runs.filter(([, options = '', script = '']) => {
    const known = /(^|\s)(-r|--recursive|--filter\S*)\s/.test(options) ? inPackages : undefined;
    return known ? !known.has(script) : !scriptsOf(PROJECT_ROOT).includes(script);
  });
  expect(unknown.map(([command]) => command)).toEqual([]);
  // With it a job is green though it did nothing.
  expect(text).not.toMatch(/run: .*--if-present/);
});
