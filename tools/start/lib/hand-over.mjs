// @ts-check
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { watchCommand } from './ancestors.mjs';
import { onBrokenPipe, printFailure, StartError, step } from './say.mjs';
import { PROJECT_ROOT, setUp } from './set-up.mjs';
import { createSupervisor } from './supervisor.mjs';

/**
 * How long the work may take to end after a signal. Then it hangs and is killed, with time left to
 * end what it had started: 5 s after the signal nothing may run.
 */
const HANGS_AFTER_MS = 3_500;

/** One Ctrl-C comes twice: from the terminal to the whole group, and passed on by npm. */
const SAME_PRESS_MS = 300;

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
 * with its exit code. A signal is passed on; work that hangs, or a second signal, ends it by
 * SIGKILL. npm ended by SIGKILL counts as a signal.
 * @param {object} command
 * @param {(argv: string[]) => { help: boolean }} command.parse
 * @param {string} command.usage
 * @param {string} command.script what does the work, relative to the project's root
 * @param {string[]} [command.nodeOptions]
 * @param {string} [command.lastLine] printed last when the work was not done or did not end by itself
 */
export async function runCommand({ parse, usage, script, nodeOptions = [], lastLine }) {
  const supervisor = createSupervisor();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let work;
  /** @type {{ signal: NodeJS.Signals, at: number } | undefined} */
  let stopped;

  /** @param {string} why */
  const kill = (why) => {
    if (!work) return process.exit();
    if (work.exitCode !== null || work.signalCode !== null) return;
    step(`Ending it by SIGKILL: ${why}`);
    work.kill('SIGKILL');
  };
  /** @param {NodeJS.Signals} signal */
  const stop = (signal) => {
    if (stopped) {
      if (performance.now() - stopped.at > SAME_PRESS_MS) kill(`a second signal (${signal})`);
      return;
    }
    stopped = { signal, at: performance.now() };
    process.exitCode = 128 + constants.signals[signal];
    if (!work) return void supervisor.close(); // and with it the install, which then fails
    work.kill(signal);
    setTimeout(kill, HANGS_AFTER_MS, `it hangs ${HANGS_AFTER_MS / 1000} s after ${signal}`);
  };

  try {
    const args = process.argv.slice(2);
    if (parse(args).help) {
      process.stdout.write(usage);
      return;
    }
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
      process.on(signal, stop);
    }
    onBrokenPipe(() => stop('SIGTERM'));
    watchCommand({
      onGone: ({ command: gone, pid }) => {
        step(`The command that started this has gone (${gone.slice(0, 60)}, process ${pid})`);
        stop('SIGTERM');
      },
    });
    const node = await setUp({ supervisor });
    const child = supervisor.spawn(node, [...nodeOptions, join(PROJECT_ROOT, script), ...args], {
      env: workspaceEnvironment(process.env),
      stdio: 'inherit',
      graceMs: HANGS_AFTER_MS,
    });
    work = child;
    /** @type {{ code: number | null, signal: NodeJS.Signals | null }} */
    const { code, signal } = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (exitCode, endedBy) => resolve({ code: exitCode, signal: endedBy }));
    });
    if (signal && !stopped) {
      throw new StartError(`The work (${script}) was ended from outside, by ${signal}.`, {
        remedy: 'run it again; where nobody did this, the machine may be short of memory.',
        exitCode: 128 + constants.signals[signal],
      });
    }
    if (code !== null) process.exitCode = code;
  } catch (error) {
    if (stopped) {
      step(`Stopped (${stopped.signal})`);
    } else {
      printFailure(error);
      process.exitCode = error instanceof StartError ? error.exitCode : 1;
    }
    if (lastLine && process.exitCode !== 2) process.stdout.write(`${lastLine}\n`);
  } finally {
    await supervisor.close();
    process.exit();
  }
}
