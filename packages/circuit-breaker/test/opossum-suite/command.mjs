// @ts-check
import { spawnSync } from 'node:child_process';

/** Something the caller can do something about; printed without a stack. */
export class SuiteError extends Error {}

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ cwd?: string }} [options]
 * @returns {string} what it printed
 */
export function run(command, parameters, { cwd } = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status === 0) return stdout;
  const why = error?.message ?? `${stderr}${stdout}`.trim();
  throw new SuiteError(`'${[command, ...parameters].join(' ')}' failed: ${why}`);
}
