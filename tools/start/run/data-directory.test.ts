import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDataDirectory, temporaryData } from './data-directory.ts';

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'nestcms-data-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

it('keeps the secrets for the next start, readable by their owner alone', () => {
  const path = join(parent, 'new', 'one');
  const first = openDataDirectory(path);
  first.release();
  const second = openDataDirectory(path);
  second.release();
  expect(second.secrets).toEqual(first.secrets);
  expect(statSync(join(path, 'nestcms.json')).mode & 0o777).toBe(0o600);
});

it('makes up other secrets for every directory and every temporary start', () => {
  const keys = [
    openDataDirectory(join(parent, 'a')),
    openDataDirectory(join(parent, 'b')),
    temporaryData(parent),
    temporaryData(parent),
  ].flatMap(({ secrets }) => [secrets.jwtKey, secrets.payTabsServerKey]);
  expect(new Set(keys).size).toBe(8);
  expect(keys[1]).toMatch(/^S[0-9A-F]{9}-[0-9A-F]{10}-[0-9A-F]{10}$/);
});

it('refuses a directory that holds other things', () => {
  writeFileSync(join(parent, 'letter.txt'), 'mine');
  expect(() => openDataDirectory(parent)).toThrow(/holds other things/);
});

it('refuses a directory that another start uses, and takes over from a dead one', () => {
  const path = join(parent, 'shared');
  const first = openDataDirectory(path);
  expect(() => openDataDirectory(path)).toThrow(/in use by another start/);
  first.release();
  // What a start that was killed leaves behind: the process id may be somebody else's by now.
  writeFileSync(join(path, 'in-use'), `${process.pid}\n1`);
  openDataDirectory(path).release();
});

it('refuses what is no directory, and a format it does not know', () => {
  const file = join(parent, 'file');
  writeFileSync(file, '');
  expect(() => openDataDirectory(file)).toThrow(/cannot be used/);
  const path = join(parent, 'later');
  openDataDirectory(path).release();
  const stored = join(path, 'nestcms.json');
  writeFileSync(stored, readFileSync(stored, 'utf8').replace('"v":1', '"v":2'));
  expect(() => openDataDirectory(path)).toThrow(/unknown format/);
});
