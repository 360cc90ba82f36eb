// @ts-check
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {object} CommandResult
 * @property {number | null} code exit code, null when ended by a signal or never started
 * @property {string} output what it wrote to both streams, at most the last 64 KiB
 * @property {boolean} timedOut
 */

/**
 * @param {string} path
 * @returns {boolean} whether the path names a file that this user may run
 */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {string | undefined} the first executable of that name on PATH
 */
export function findOnPath(name, environment = process.env) {
  return (environment.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

/**
 * Runs a command to its end without a shell. Never rejects: a command that cannot be started has
 * the code null and the reason in its output.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ environment?: NodeJS.ProcessEnv, timeoutMs?: number, signal?: AbortSignal, onLine?: (line: string) => void }} options
 *   timeoutMs: default none; signal: ends it too; onLine: told the last line of each piece of output
 * @returns {Promise<CommandResult>}
 */
export function run(command, args, options) {
  const { environment = process.env, timeoutMs, signal, onLine } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let timedOut = false;
    const kill = () => child.kill('SIGKILL');
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            kill();
          }, timeoutMs);
    signal?.addEventListener('abort', kill, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-65_536);
        onLine?.(text.trimEnd().split('\n').at(-1) ?? '');
      });
    }
    /** @param {number | null} code */
    const end = (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      resolve({ code, output: output.trim(), timedOut });
    };
    child.once('error', (error) => {
      output += error.message;
      end(null);
    });
    child.once('close', end);
  });
}

/**
 * The end of a command's output, short enough for a sentence.
 * @param {CommandResult} result
 */
export function lastLines(result, lines = 2) {
  if (result.timedOut) return 'it did not end in time';
  const text = result.output.split('\n').slice(-lines).join(' ').trim();
  return text === '' ? `exit code ${result.code}` : text.slice(-400);
}
