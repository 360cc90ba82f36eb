import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** A test that failed, or an error outside any test: in a hook, in a file that was loading, unhandled. */
export interface TestFailure {
  readonly where: string;
  /** As it was thrown; may hold a stack and colours. */
  readonly message: string;
}

/** A project's share of the time that a run took. */
export interface ProjectTime {
  readonly name: string;
  readonly seconds: number;
}

/** What a run of the suite came to. */
export interface TestReport {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly TestFailure[];
  readonly times: readonly ProjectTime[];
}

/** Long enough for an assertion with both its sides. */
const MOST_CHARACTERS = 300;

/** @returns undefined when vitest ended before it wrote its report */
export function readTestReport(file: string): TestReport | undefined {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')) as TestReport;
}

/**
 * The last line of `npm test`, and what to say before it: each failure by name, once more at the
 * end, where a log that is cut still shows it. An end that nothing explains (a crash) counts as one
 * failed test: zero failures with a non-zero exit code would read like a success.
 */
export function closingLine(
  report: TestReport | undefined,
  exitCode: number | null,
  /** Sentences about what else was not as it should be, each a failure. */
  complaints: readonly string[] = [],
): { line: string; ok: boolean; remarks: string[] } {
  const { passed, skipped, failures } = report ?? { passed: 0, skipped: 0, failures: [] };
  const remarks = failures.map(({ where, message }) => `✗ ${where}: ${inOneLine(message)}`);
  remarks.push(...complaints.map((complaint) => `✗ ${complaint}`));
  if (report === undefined) {
    remarks.push('✗ vitest ended without a report; that counts as one failed test.');
  } else if (passed + failures.length === 0) {
    remarks.push('✗ No test was run; that counts as one failed test.');
  } else if (exitCode !== 0 && failures.length === 0) {
    remarks.push(
      `✗ vitest ended with ${exitCode ?? 'a signal'} though no test failed: see the errors above.`,
    );
  }
  const counts = [`${passed} passed`, `${remarks.length} failed`];
  if (skipped > 0) counts.push(`${skipped} skipped`);
  return { line: counts.join(', '), ok: remarks.length === 0, remarks };
}

/** The message of a failure without its stack. */
function inOneLine(message: string): string {
  const text = stripVTControlCharacters(message).split(/\n\s+at /, 1)[0] as string;
  return text.replace(/\s+/g, ' ').trim().slice(0, MOST_CHARACTERS);
}
