import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { lastStartUrl, startsFolder } from '../lib/last-start.mjs';
import { readProcess } from '../lib/process-table.mjs';
import { forgetStart, rememberStart } from './last-start.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'nestcms-starts-'));
  vi.stubEnv('XDG_CACHE_HOME', cache);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const note = (name: string, more: object) => {
  mkdirSync(startsFolder(), { recursive: true });
  writeFileSync(join(startsFolder(), name), JSON.stringify({ v: 1, ...more }));
};

it('finds the last start that still runs, also when a later one has ended', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const startedAt = readProcess(other.pid ?? 0)?.startedAt;
  rememberStart('http://127.0.0.1:1');
  note('other.json', { url: 'http://127.0.0.1:2', pid: other.pid, startedAt, at: Date.now() + 1 });
  expect(lastStartUrl()).toBe('http://127.0.0.1:2');
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(lastStartUrl()).toBe('http://127.0.0.1:1');
  forgetStart();
  expect(lastStartUrl()).toBeUndefined();
});

it('does not take a process for a start that had its number before', () => {
  note('old.json', { url: 'http://127.0.0.1:1', pid: process.pid, startedAt: 'long ago', at: 1 });
  note('broken.json', {});
  writeFileSync(join(startsFolder(), 'half.json'), '{"v":1,"url":');
  expect(lastStartUrl()).toBeUndefined();
  expect(readdirSync(startsFolder())).toEqual([]);
});

it('goes on with a sentence where the note cannot be written', () => {
  writeFileSync(join(cache, 'nestcms'), 'a file where a folder should be');
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  rememberStart('http://127.0.0.1:1');
  const text = said.mock.calls.join('');
  said.mockRestore();
  expect(text).toContain('npm run tour will need NESTCMS_URL=http://127.0.0.1:1');
  expect(lastStartUrl()).toBeUndefined();
});
