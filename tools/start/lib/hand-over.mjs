// @ts-check
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { watchCommand } from './ancestors.mjs';
import { printFailure, StartError, step } from './say.mjs';
import { PROJECT_ROOT, setUp } from './set-up.mjs';
import { createSupervisor } from './supervisor.mjs';

/** How long the work may take to end after a signal before it is killed; the budget is 5 s. */
const GRACE_MS = 3_500;

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
 * The way a command runs: read the arguments, set up, do the work under the installed Node, end
 * with its exit code. Signals are passed on; npm ended by SIGKILL counts as one.
 * @param {object} command
 * @param {(argv: string[]) => { help: boolean }} command.parse
 * @param {string} command.usage
 * @param {string} command.script what does the work, relative to the project's root
 * @param {string[]} [command.nodeOptions]
 */
export async function runCommand({ parse, usage, script, nodeOptions = [] }) {
  const supervisor = createSupervisor();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let work;
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    if (work) work.kill(signal);
    else void supervisor.close().then(() => process.exit(128 + constants.signals[signal]));
  };
  try {
    const args = process.argv.slice(2);
    if (parse(args).help) {
      process.stdout.write(usage);
      return;
    }
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, passOn);
    }
    watchCommand({
      onGone: ({ command: gone, pid }) => {
        step(`The command that started this has gone (${gone.slice(0, 60)}, process ${pid})`);
        passOn('SIGTERM');
      },
    });
    const node = await setUp({ supervisor });
    const child = supervisor.spawn(node, [...nodeOptions, join(PROJECT_ROOT, script), ...args], {
      env: workspaceEnvironment(process.env),
      stdio: 'inherit',
      graceMs: GRACE_MS,
    });
    work = child;
    process.exitCode = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']),
      );
    });
  } catch (error) {
    printFailure(error);
    process.exitCode = error instanceof StartError ? error.exitCode : 1;
  } finally {
    await supervisor.close();
    process.exit();
  }
}
