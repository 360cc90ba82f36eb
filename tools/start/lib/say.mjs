// @ts-check
/**
 * What the commands print. Progress goes to standard output as plain lines, so that it reads the
 * same in a terminal, in a log file and in CI.
 */

/**
 * One step that may take a while: what is done, before it is done.
 * @param {string} text
 */
export function step(text) {
  process.stdout.write(`› ${text}\n`);
}

/**
 * A detail under the last step.
 * @param {string} text
 */
export function detail(text) {
  for (const line of text.trimEnd().split('\n')) process.stdout.write(`  ${line}\n`);
}

/**
 * Nobody reads what is printed any more (`npm start | head`): says so where it may still be read,
 * instead of ending with a stack trace.
 * @param {() => void} stop called once
 */
export function onBrokenPipe(stop) {
  let told = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      if (error.code !== 'EPIPE') throw error;
      if (told) return;
      told = true;
      process.stderr.write('\nNobody reads the output any more, so this stops.\n');
      stop();
    });
  }
}

/** A failure the user can do something about; printed without a stack trace. */
export class StartError extends Error {
  /**
   * @param {string} message what went wrong, as a sentence
   * @param {{ tried?: string, remedy?: string, exitCode?: number, cause?: unknown }} [more]
   *   what was tried, what the user can do, and the exit code of the command (default 1)
   */
  constructor(message, { tried, remedy, exitCode = 1, cause } = {}) {
    super(message, { cause });
    this.name = 'StartError';
    this.tried = tried;
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/**
 * Prints a failure: a StartError as three sentences, anything else with its stack.
 * @param {unknown} error
 */
export function printFailure(error) {
  if (!(error instanceof StartError)) {
    process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`);
    return;
  }
  process.stderr.write(`\n${error.message}\n`);
  if (error.tried) process.stderr.write(`  Tried: ${error.tried}\n`);
  if (error.remedy) process.stderr.write(`  What you can do: ${error.remedy}\n`);
}
