import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isSetUp, wantedStamp } from './set-up.mjs';

let root: string;

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nestcms-set-up-'));
  write('package.json', '{}');
  write('pnpm-lock.yaml', 'lock');
  write('pnpm-workspace.yaml', 'packages: []');
  write('packages/a/package.json', '{ "dependencies": { "x": "1" } }');
  write('packages/a/node_modules/x/package.json', '{}');
  write('node_modules/node/bin/node', '');
  write('node_modules/.nestcms-set-up', wantedStamp(root));
});

afterEach(() => rmSync(root, { recursive: true }));

it('skips the install when nothing that decides it has changed', () => {
  expect(isSetUp(root)).toBe(true);
});

it.each(['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'packages/a/package.json'])(
  'installs again when %s has changed',
  (path) => {
    write(path, '{ "changed": true }');
    expect(isSetUp(root)).toBe(false);
  },
);

it('installs again when a package was added', () => {
  write('packages/b/package.json', '{}');
  expect(isSetUp(root)).toBe(false);
});

it.each(['node_modules', 'packages/a/node_modules', 'node_modules/node'])(
  'installs again when %s is missing',
  (path) => {
    rmSync(join(root, path), { recursive: true });
    expect(isSetUp(root)).toBe(false);
  },
);
