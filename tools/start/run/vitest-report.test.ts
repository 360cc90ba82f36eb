import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECT_ROOT } from '../lib/set-up.mjs';
import { closingLine, readVitestReport, type VitestReport } from './vitest-report.ts';

const report = (counts: Partial<VitestReport>): VitestReport => ({
  success: true,
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...counts,
});

it('counts passed and failed tests, and skipped ones only when there are any', () => {
  expect(closingLine(report({ numPassedTests: 12 }), 0)).toMatchObject({
    line: '12 passed, 0 failed',
    ok: true,
  });
  expect(
    closingLine(
      report({ numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 }),
      1,
    ),
  ).toMatchObject({ line: '3 passed, 1 failed, 3 skipped', ok: false });
});

it('counts a file that failed outside its tests as one failure', () => {
  const broken = { name: 'broken.test.ts', status: 'failed', assertionResults: [] };
  const { line, ok, remarks } = closingLine(
    report({ success: false, numPassedTests: 5, testResults: [broken] }),
    1,
  );
  expect({ line, ok }).toEqual({ line: '5 passed, 1 failed', ok: false });
  expect(remarks[0]).toContain('broken.test.ts');

  const tests = (status: string) => ({
    name: 'hooks.test.ts',
    status: 'failed',
    assertionResults: [{ status: 'passed' }, { status }],
  });
  const inHook = report({ numPassedTests: 2, testResults: [tests('passed')] });
  expect(closingLine(inHook, 1).line).toBe('2 passed, 1 failed');
  const inTest = report({ numPassedTests: 1, numFailedTests: 1, testResults: [tests('failed')] });
  expect(closingLine(inTest, 1).line).toBe('1 passed, 1 failed');
});

it('names each failed test with its message in one line', () => {
  const failed = {
    status: 'failed',
    fullName: 'a breaker opens',
    failureMessages: [
      'AssertionError: \u001b[31mexpected 1\n  to be 2\u001b[39m\n    at Object.<anonymous> (breaker.test.ts:3:5)',
    ],
  };
  const { remarks } = closingLine(
    report({
      numFailedTests: 1,
      testResults: [
        {
          name: join(PROJECT_ROOT, 'packages/one/breaker.test.ts'),
          status: 'failed',
          assertionResults: [{ status: 'passed', fullName: 'a breaker closes' }, failed],
        },
      ],
    }),
    1,
  );
  expect(remarks).toEqual([
    '✗ packages/one/breaker.test.ts > a breaker opens: AssertionError: expected 1 to be 2',
  ]);
});

it('never reads like a success when vitest did not end well', () => {
  expect(closingLine(report({ numPassedTests: 5 }), 1)).toMatchObject({
    line: '5 passed, 1 failed',
    ok: false,
  });
  expect(closingLine(report({ numPassedTests: 5 }), null).ok).toBe(false);
  expect(closingLine(undefined, 1)).toMatchObject({ line: '0 passed, 1 failed', ok: false });
  expect(closingLine(report({}), 0)).toMatchObject({ line: '0 passed, 1 failed', ok: false });
});

it('takes a missing report for none', () => {
  expect(readVitestReport('/nonexistent/report.json')).toBeUndefined();
});
