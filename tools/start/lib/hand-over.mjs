// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { printFailure, StartError } from './say.mjs';
import { PROJECT_ROOT, setUp } from './set-up.mjs';

/** File descriptor on which the work holds the other end of a pipe to this process. */
export const LIFELINE_FD = 3;

/**
 * Environment in which `node` and the tools of the workspace are the installed ones.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function workspaceEnvironment(environment, root = PROJECT_ROOT) {
  const bins = [join(root, 'node_modules', 'node', 'bin'), join(root, 'node_modules', '.bin')];
  return { ...environment, PATH: [...bins, environment.PATH ?? ''].join(delimiter) };
}

/**
 * Runs a script under the installed Node and ends this process the way the script ended.
 * Signals are passed on; a pipe tells the script when this process has died without a word.
 * @param {{ node: string, script: string, args: string[], nodeOptions?: string[] }} work
 * @returns {Promise<number>} its exit code, 128 + the signal's number when a signal ended it
 */
export function handOver({ node, script, args, nodeOptions = [] }) {
  const child = spawn(node, [...nodeOptions, script, ...args], {
    env: workspaceEnvironment(process.env),
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']),
    );
  });
}

/**
 * The way a command runs: read the arguments, set up, do the work, end with its code.
 * @param {{ parse: (argv: string[]) => { help: boolean }, usage: string, script: string, nodeOptions?: string[] }} command
 */
export async function runCommand({ parse, usage, script, nodeOptions = [] }) {
  try {
    const args = process.argv.slice(2);
    if (parse(args).help) {
      process.stdout.write(usage);
      return;
    }
    const node = await setUp();
    process.exitCode = await handOver({ node, script, args, nodeOptions });
  } catch (error) {
    printFailure(error);
    process.exitCode = error instanceof StartError ? error.exitCode : 1;
  }
}
