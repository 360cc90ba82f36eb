import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { PROJECT_ROOT } from '../lib/set-up.mjs';
import { readTestReport } from './test-report.ts';
import { REPORT_FILE_VARIABLE } from './write-test-report.ts';

/** Runs vitest with this reporter over one file of tests. */
async function run(source: string) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nestcms-report-test-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const reportFile = join(folder, 'report.json');
  writeFileSync(join(folder, 'one.test.js'), source);
  const code = await promisify(execFile)(
    process.execPath,
    [
      join(PROJECT_ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--globals',
      `--root=${folder}`,
      `--reporter=${join(import.meta.dirname, 'write-test-report.ts')}`,
    ],
    { cwd: folder, env: { ...process.env, [REPORT_FILE_VARIABLE]: reportFile } },
  ).then(
    () => 0,
    ({ code: exitCode }: { code: number }) => exitCode,
  );
  return { code, report: readTestReport(reportFile) };
}

it('tells of failed tests, of failed hooks and of errors that nobody awaited', async () => {
  const { code, report } = await run(`
    it('good', () => {});
    it('bad', () => expect(1).toBe(2));
    it.skip('skipped', () => {});
    describe('a suite', () => {
      beforeAll(() => { throw new Error('in a hook'); });
      it('is not reached', () => {});
    });
    it('careless', async () => {
      Promise.reject(new Error('nobody awaits'));
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    afterAll(() => { throw new Error('at the end'); });
  `);
  expect(code).toBe(1);
  expect(report).toMatchObject({ passed: 2, skipped: 2 });
  const told = report?.failures.map(({ where, message }) => `${where}: ${message.split('\n')[0]}`);
  expect(told).toEqual([
    expect.stringMatching(/one\.test\.js > bad: AssertionError: expected 1 to be 2/),
    expect.stringMatching(/one\.test\.js: Error: at the end$/),
    expect.stringMatching(/one\.test\.js > a suite: Error: in a hook$/),
    expect.stringMatching(/^an error outside any test while .*one\.test\.js ran: Error: nobody/),
  ]);
});

it('tells of a file that could not be loaded, and of nothing where all is well', async () => {
  const broken = await run(`import './absent.js'; it('is not reached', () => {});`);
  expect(broken.report).toMatchObject({
    passed: 0,
    failures: [{ where: expect.stringContaining('one.test.js') }],
  });
  const well = await run(`it('good', () => {});`);
  expect(well).toEqual({
    code: 0,
    report: {
      passed: 1,
      skipped: 0,
      failures: [],
      times: [{ name: '', seconds: expect.any(Number) }],
    },
  });
  expect(well.report?.times[0]?.seconds).toBeGreaterThan(0);
});
