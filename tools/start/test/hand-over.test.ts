import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PROJECT_ROOT } from '../lib/set-up.mjs';
import { runCommand } from './support/start-command.js';

let cache: string;
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'nestcms-hand-over-'));
});
afterAll(() => rmSync(cache, { recursive: true }));

const TALKATIVE = join(PROJECT_ROOT, 'tools/start/test/fixtures/talkative.mjs');
const COMMAND = join(PROJECT_ROOT, 'tools/start/test/fixtures/command.mjs');

describe('a command', () => {
  it('says which signal ended its work from outside, and then its last line', async () => {
    const command = runCommand(process.execPath, [COMMAND], { cache });
    const work = Number(/work (\d+)/.exec(await command.printed('still there'))?.[1]);
    process.kill(work, 'SIGKILL');
    expect(await command.ended).toBe(137);
    expect(command.output()).toContain('was ended from outside, by SIGKILL.');
    expect(command.lastLine()).toBe('the last line');
  });

  it('says so when nobody reads its output any more, without a stack trace', async () => {
    const child = spawn('sh', ['-c', `"$NODE" "$SCRIPT" | head -n 1`], {
      env: { ...process.env, NODE: process.execPath, SCRIPT: TALKATIVE },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (text) => {
      errors += text;
    });
    await new Promise((resolve) => child.once('close', resolve));
    expect(errors).toContain('Nobody reads the output any more, so this stops.');
    expect(errors).not.toMatch(/^ +at /m);
  });
});

describe('a command that has to install first', () => {
  /** Runs `npm test`'s script in a bare copy of the project, with this for npx. */
  const runBare = (npx: string) => {
    const root = mkdtempSync(join(tmpdir(), 'nestcms-bare-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, 'tools'));
    for (const name of ['lib', 'test.mjs', 'package.json']) {
      cpSync(join(PROJECT_ROOT, 'tools/start', name), join(root, 'tools/start', name), {
        recursive: true,
      });
    }
    for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
      cpSync(join(PROJECT_ROOT, name), join(root, name));
    }
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin', 'npx'), `#!/bin/sh\n${npx}\n`, { mode: 0o755 });
    return runCommand(process.execPath, [join(root, 'tools/start/test.mjs')], {
      cache,
      environment: { PATH: `${join(root, 'bin')}:${process.env.PATH}` },
    });
  };

  it('says that it was stopped, and no more, when it is stopped meanwhile', async () => {
    const command = runBare('echo fetching; exec sleep 600');
    await command.printed('fetching');
    command.process.kill('SIGINT');
    expect(await command.ended).toBe(130);
    expect(command.output()).toContain('Stopped (SIGINT)');
    expect(command.output()).not.toContain('Installing the dependencies failed');
    expect(await command.leftOver()).toBeUndefined();
  });

  it('ends in the line of a failed run when the install fails', async () => {
    const command = runBare('echo no network >&2; exit 1');
    expect(await command.ended).toBe(1);
    expect(command.output()).toContain('Installing the dependencies failed (1).');
    expect(command.lastLine()).toBe('0 passed, 1 failed');
  });
});
