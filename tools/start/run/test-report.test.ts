import { expect, it } from 'vitest';
import { closingLine, readTestReport, type TestReport } from './test-report.ts';

const report = (counts: Partial<TestReport>): TestReport => ({
  passed: 0,
  skipped: 0,
  failures: [],
  times: [],
  ...counts,
});
const failure = { where: 'packages/one/a.test.ts > a breaker opens', message: 'expected 1' };

it('counts passed and failed tests, and skipped ones only when there are any', () => {
  expect(closingLine(report({ passed: 12 }), 0)).toMatchObject({
    line: '12 passed, 0 failed',
    ok: true,
  });
  expect(closingLine(report({ passed: 3, skipped: 3, failures: [failure] }), 1)).toMatchObject({
    line: '3 passed, 1 failed, 3 skipped',
    ok: false,
  });
});

it('names each failure with its message in one line, without stack and colours', () => {
  const message =
    'AssertionError: \u001b[31mexpected 1\n  to be 2\u001b[39m\n    at Object.<anonymous> (a.test.ts:3:5)';
  const { remarks } = closingLine(report({ failures: [{ ...failure, message }] }), 1);
  expect(remarks).toEqual([
    '✗ packages/one/a.test.ts > a breaker opens: AssertionError: expected 1 to be 2',
  ]);
});

it('never reads like a success when vitest did not end well', () => {
  expect(closingLine(report({ passed: 5 }), 1)).toMatchObject({
    line: '5 passed, 1 failed',
    ok: false,
  });
  expect(closingLine(report({ passed: 5 }), null).ok).toBe(false);
  expect(closingLine(undefined, 1)).toMatchObject({ line: '0 passed, 1 failed', ok: false });
  expect(closingLine(report({}), 0)).toMatchObject({ line: '0 passed, 1 failed', ok: false });
});

it('counts a complaint as a failure', () => {
  expect(closingLine(report({ passed: 5 }), 0, ['Too slow.'])).toEqual({
    line: '5 passed, 1 failed',
    ok: false,
    remarks: ['✗ Too slow.'],
  });
});

it('takes a missing report for none', () => {
  expect(readTestReport('/nonexistent/report.json')).toBeUndefined();
});
