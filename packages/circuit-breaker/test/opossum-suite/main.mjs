// @ts-check
/** Runs opossum's own tests against the facade. See docs/opossum.md. */
import { readArguments, USAGE } from './arguments.mjs';
import { build } from './build.mjs';
import { prepareCheckout } from './checkout.mjs';
import { SuiteError } from './command.mjs';
import { ASSERTIONS, isKnown, KNOWN_FAILURE } from './expected.mjs';
import { runFile, testFiles } from './run-file.mjs';
import { installTape } from './tape.mjs';
import { prepareWorkspace } from './workspace.mjs';

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} argv
 * @returns {Promise<number>} exit code
 */
async function main(argv) {
  const asked = readArguments(argv, process.env.INIT_CWD ?? process.cwd());
  if ('mistake' in asked) {
    process.stderr.write(`${asked.mistake}\n\n${USAGE}`);
    return 2;
  }
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    return await runSuite(asked.directory);
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    process.stderr.write(`${error.message}\n0 passed, 1 failed\n`);
    return 1;
  }
}

/** @param {string} checkout */
async function runSuite(checkout) {
  prepareCheckout(checkout, say);
  say('building the package');
  build();
  const modules = installTape(say);
  const workspace = prepareWorkspace(checkout, modules);
  try {
    return judge(await runFiles(workspace.directory));
  } finally {
    workspace.remove();
  }
}

/** @param {string} directory */
async function runFiles(directory) {
  const results = [];
  for (const file of testFiles(directory)) {
    const result = await runFile(directory, file);
    results.push(result);
    const { passed, failures } = result;
    process.stdout.write(`${file}: ${passed} ok, ${failures.length} not ok\n`);
    for (const failure of failures) {
      const known = isKnown(failure) ? ' (known, see below)' : '';
      process.stdout.write(`  not ok  ${failure.test} › ${failure.assertion}${known}\n`);
    }
  }
  return results;
}

/**
 * @param {Awaited<ReturnType<typeof runFile>>[]} results
 * @returns {number} exit code
 */
function judge(results) {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failures = results.flatMap((result) => result.failures);
  const known = failures.filter(isKnown);
  if (known.length > 0) {
    process.stdout.write(`\nKnown: ${KNOWN_FAILURE.assertion}\n  ${KNOWN_FAILURE.reason}\n`);
  } else {
    process.stdout.write(`\nThe known failure was not met: ${KNOWN_FAILURE.assertion}\n`);
  }
  const all = passed + failures.length;
  if (all !== ASSERTIONS) {
    process.stdout.write(`There were ${all} assertions; there should be ${ASSERTIONS}.\n`);
  }
  process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
  return all === ASSERTIONS && failures.length === 1 && known.length === 1 ? 0 : 1;
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`› ${text}\n`);
}
