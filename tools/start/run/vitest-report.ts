import { existsSync, readFileSync } from 'node:fs';

/** The part of vitest's JSON report that is counted. */
export interface VitestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** @returns undefined when vitest ended before it wrote its report */
export function readVitestReport(file: string): VitestReport | undefined {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
}

/**
 * The last line of `npm test`. A file that could not be loaded, or failed in a hook, counts as one
 * failed test, and so does an end that no test explains (an unhandled error, a crash): zero
 * failures with a non-zero exit code would read like a success.
 */
export function closingLine(
  report: VitestReport | undefined,
  exitCode: number | null,
): { line: string; ok: boolean; remarks: string[] } {
  const remarks: string[] = [];
  const passed = report?.numPassedTests ?? 0;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  let failed = report?.numFailedTests ?? 0;
  for (const file of report?.testResults ?? []) {
    const explained = file.assertionResults.some(({ status }) => status === 'failed');
    if (file.status === 'failed' && !explained) {
      failed += 1;
      remarks.push(`${file.name} failed outside its tests; that counts as one failed test.`);
    }
  }
  if (report === undefined) {
    remarks.push('vitest ended without a report; that counts as one failed test.');
    failed += 1;
  } else if (passed + failed === 0) {
    remarks.push('No test was run; that counts as one failed test.');
    failed += 1;
  } else if (exitCode !== 0 && failed === 0) {
    remarks.push(
      `vitest ended with ${exitCode ?? 'a signal'} though no test failed: see the errors above.`,
    );
    failed += 1;
  }
  const counts = [`${passed} passed`, `${failed} failed`];
  if (skipped > 0) counts.push(`${skipped} skipped`);
  return { line: counts.join(', '), ok: failed === 0, remarks };
}
