import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { PROJECT_ROOT } from '../lib/set-up.mjs';

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
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName?: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** Long enough for an assertion with both its sides. */
const MOST_CHARACTERS = 300;

/** @returns undefined when vitest ended before it wrote its report */
export function readVitestReport(file: string): VitestReport | undefined {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
}

/**
 * The last line of `npm test`, and what to say before it: each failure by name. A file that could not be loaded, or failed in a hook, counts as one
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
    const name = relative(PROJECT_ROOT, file.name);
    const failures = file.assertionResults.filter(({ status }) => status === 'failed');
    // Once more at the end, where a log that is cut still shows them.
    for (const { fullName = '?', failureMessages } of failures) {
      remarks.push(`✗ ${name} > ${fullName}: ${inOneLine(failureMessages?.[0])}`);
    }
    if (file.status === 'failed' && failures.length === 0) {
      failed += 1;
      remarks.push(`✗ ${name} failed outside its tests; that counts as one failed test.`);
    }
  }
  if (report === undefined) {
    remarks.push('✗ vitest ended without a report; that counts as one failed test.');
    failed += 1;
  } else if (passed + failed === 0) {
    remarks.push('✗ No test was run; that counts as one failed test.');
    failed += 1;
  } else if (exitCode !== 0 && failed === 0) {
    remarks.push(
      `✗ vitest ended with ${exitCode ?? 'a signal'} though no test failed: see the errors above.`,
    );
    failed += 1;
  }
  const counts = [`${passed} passed`, `${failed} failed`];
  if (skipped > 0) counts.push(`${skipped} skipped`);
  return { line: counts.join(', '), ok: failed === 0, remarks };
}

/** The message of a failure without its stack. */
function inOneLine(message = ''): string {
  const text = stripVTControlCharacters(message).split(/\n\s+at /, 1)[0] as string;
  return text.replace(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);
}
