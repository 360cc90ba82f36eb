import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node';
import { PROJECT_ROOT } from '../lib/set-up.mjs';
import { TimeShares } from './project-times.ts';
import type { TestFailure, TestReport } from './test-report.ts';

/** Names the file that the report is written to. */
export const REPORT_FILE_VARIABLE = 'NESTCMS_TEST_REPORT';

/**
 * A vitest reporter. Beside failed tests it tells of errors that belong to no test: those are what
 * vitest's own JSON report leaves out.
 */
class WriteTestReport implements Reporter {
  readonly #shares = new TimeShares();

  onTestModuleQueued({ project }: TestModule): void {
    this.#shares.begin(project.name);
  }

  onTestModuleEnd({ project }: TestModule): void {
    this.#shares.end(project.name);
  }

  onTestRunEnd(
    modules: ReadonlyArray<TestModule>,
    unhandled: ReadonlyArray<SerializedError>,
  ): void {
    const file = process.env[REPORT_FILE_VARIABLE];
    if (file)
      writeFileSync(
        file,
        JSON.stringify({ ...reportOf(modules, unhandled), times: this.#shares.list }),
      );
  }
}

export function reportOf(
  modules: ReadonlyArray<TestModule>,
  unhandled: ReadonlyArray<SerializedError>,
): Omit<TestReport, 'times'> {
  let passed = 0;
  let skipped = 0;
  const failures: TestFailure[] = [];
  for (const module of modules) {
    const file = relative(PROJECT_ROOT, module.moduleId);
    for (const test of module.children.allTests()) {
      const { state, errors } = test.result();
      if (state === 'passed') passed += 1;
      else if (state !== 'failed') skipped += 1;
      else failures.push({ where: `${file} > ${test.fullName}`, message: textOf(errors[0]) });
    }
    failures.push(...failuresOutside(module, file));
    for (const suite of module.children.allSuites()) {
      failures.push(...failuresOutside(suite, `${file} > ${suite.fullName}`));
    }
  }
  for (const error of unhandled) {
    failures.push({ where: placeOf(error), message: textOf(error) });
  }
  return { passed, skipped, failures };
}

/** Of hooks, and of a file that could not be loaded. */
function failuresOutside(suite: TestModule | TestSuite, where: string): TestFailure[] {
  return suite.errors().map((error) => ({ where, message: textOf(error) }));
}

/** An error that nobody awaited belongs to no test, but vitest knows what was running. */
function placeOf(error: SerializedError): string {
  const path: unknown = error.VITEST_TEST_PATH;
  return typeof path === 'string'
    ? `an error outside any test while ${relative(PROJECT_ROOT, path)} ran`
    : 'an error outside any test';
}

function textOf(error: SerializedError | undefined): string {
  return error?.stack ?? error?.message ?? '';
}

// vitest takes a reporter from the default export.
export default WriteTestReport;
