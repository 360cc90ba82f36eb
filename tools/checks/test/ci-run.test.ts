import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { PROJECT_ROOT } from '../lib/packages.mjs';

/** Runs `.ci/run` in a folder where npm and npx are these shell scripts. */
function ciRun(commands: { npm: string; npx: string }, environment: NodeJS.ProcessEnv = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'nestcms-ci-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, '.ci'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(join(PROJECT_ROOT, '.ci', 'run'), join(folder, '.ci', 'run'));
  for (const [name, body] of Object.entries(commands)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  }
  const { stdout, status } = spawnSync(join(folder, '.ci', 'run'), {
    encoding: 'utf8',
    env: { ...process.env, ...environment, PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
  });
  const summary = stdout.slice(stdout.indexOf('=== Summary')).trimEnd().split('\n').slice(1);
  return { status, summary, last: summary.at(-1) };
}

const says = (line: string, code = 0) => `echo '${line}'; exit ${code}`;
const failsAt = (script: string) => `case "$*" in *${script}*) exit 3 ;; esac`;

it('ends in the line of the tests, and well, when all is well', () => {
  const { status, last, summary } = ciRun({ npm: says('12 passed, 0 failed, 2 skipped'), npx: '' });
  expect(last).toBe('12 passed, 0 failed, 2 skipped');
  expect(status).toBe(0);
  expect(summary.filter((line) => line.startsWith('ok '))).toHaveLength(7);
});

it('counts each check that failed as a failure in the last line', () => {
  const { status, last, summary } = ciRun({
    npm: says('12 passed, 0 failed'),
    npx: failsAt('lint'),
  });
  expect(last).toBe('12 passed, 1 failed');
  expect(status).toBe(1);
  expect(summary[1]).toMatch(/^FAILED {2}lint and import rules \(\d+ s, exit code 3\)$/);
});

it('counts failed tests once, beside the checks, and tells them again', () => {
  const npm = `echo '  ✗ a.test.ts > it: no'; echo '  ⏱ checks 5 s of 60'; ${says('10 passed, 2 failed', 1)}`;
  const { status, last, summary } = ciRun({ npm, npx: failsAt('typecheck') });
  expect(last).toBe('10 passed, 3 failed');
  expect(status).toBe(1);
  expect(summary).toContain('  ✗ a.test.ts > it: no');
  expect(summary).toContain('  ⏱ checks 5 s of 60');
});

it('does not take tests that ended without their line for a success', () => {
  const { status, last } = ciRun({ npm: 'exit 1', npx: '' });
  expect(last).toBe('0 passed, 1 failed');
  expect(status).toBe(1);
});

it('ends at its deadline, and what was not begun has failed', () => {
  const startedAt = performance.now();
  const { status, last, summary } = ciRun(
    { npm: says('12 passed, 0 failed'), npx: 'exec sleep 300' },
    { CI_SECONDS: '4' },
  );
  expect(summary.filter((line) => line.includes('not done after'))).toHaveLength(1);
  expect(summary.filter((line) => line.includes('not begun'))).toHaveLength(5);
  expect(last).toBe('12 passed, 6 failed');
  expect(status).toBe(1);
  expect(performance.now() - startedAt).toBeLessThan(60_000);
});
