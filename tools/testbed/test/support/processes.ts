import { type ChildProcess, execFileSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { readProcess } from '../../../start/lib/process-table.mjs';
import { supervision } from '../../src/supervision.js';
import { until } from '../../src/until.js';

/** A zombie has ended, whether or not somebody has asked for its exit code. */
export const isAlive = (pid: number): boolean => readProcess(pid) !== undefined;

/** The promise the whole project gives: nothing of ours is left five seconds after its owner. */
export const ALL_GONE_MS = 5_000;

export async function allGone(pids: readonly number[]): Promise<void> {
  await until(() => !pids.some(isAlive), {
    what: `processes ${pids.filter(isAlive).join(', ')} to end`,
    timeoutMs: ALL_GONE_MS,
  });
}

/** The watchdogs that a process has now; a killed one is replaced. */
export function watchdogsOf(owner: number | undefined): number[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...command]) => {
      return Number(parent) === owner && command.join(' ').includes('watchdog.mjs');
    })
    .map(([pid]) => Number(pid));
}

export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

export interface Fixture<Report> {
  readonly process: ChildProcess;
  /** The one line of JSON it prints when it is ready. */
  readonly report: Report;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Runs a command that prints one line of JSON when it is ready, and waits for that line. */
export async function runUntilReport<Report>(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Fixture<Report>> {
  const child = supervision().spawn(command, args, {
    ...options,
    graceMs: 0,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => supervision().stop(child)); // also when the test fails half-way
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('Unreachable: both are pipes.');
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  let errors = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  for await (const line of createInterface({ input: stdout })) {
    if (!line.startsWith('{')) continue;
    stdout.resume();
    return { process: child, report: JSON.parse(line) as Report, ended };
  }
  throw new Error(`The fixture ended (${await ended}) without a report:\n${errors}`);
}

/** A fixture under this Node, with the sources of the test bed at hand. */
export const runFixture = <Report>(name: string, args: readonly string[] = []) =>
  runUntilReport<Report>(process.execPath, [
    '--import',
    fixture('typescript.mjs'),
    fixture(name),
    ...args,
  ]);
