import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { findByEnvironment, type ProcessEntry, readProcess } from '../../lib/process-table.mjs';
import { PROJECT_ROOT } from '../../lib/set-up.mjs';

/** Everything that a command starts inherits it, so that nothing can hide. */
const MARK = 'START_TEST_MARK';
const READY_TIMEOUT_MS = 80_000;
/** The promise of the command. */
export const GONE_WITHIN_MS = 5_000;

/** A command of this project as a user runs it. */
export interface StartCommand {
  readonly process: ChildProcess;
  /** All it has printed so far. */
  output(): string;
  /** Last line of its standard output alone: which of two pipes is heard first is chance. */
  lastLine(): string | undefined;
  /** Resolves with all it has printed when it prints this. */
  printed(text: string): Promise<string>;
  /** Resolves with its exit code, null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Processes that it started and that run, itself included. */
  running(): { pid: number; command: string }[];
  /** What still runs 5 s from now, or undefined as soon as nothing does. */
  leftOver(): Promise<string | undefined>;
}

export interface CommandOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** Home of what a start notes about itself; a test must not touch the user's. */
  readonly cache: string;
}

/** For example `run('npm', ['start', '--', '--port', '0'], …)`. */
export function runCommand(
  command: string,
  args: readonly string[],
  { environment = {}, cache }: CommandOptions,
): StartCommand {
  const mark = randomUUID();
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV$)/.test(name)),
  );
  const child = spawn(command, args, {
    cwd: PROJECT_ROOT,
    // A group of its own, as a terminal gives it.
    detached: true,
    env: {
      ...inherited,
      XDG_CACHE_HOME: cache,
      // Several tours in a minute.
      LIMIT_AUTH_PER_MINUTE: '100',
      ...environment,
      [MARK]: mark,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let standardOutput = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (stream === child.stdout) standardOutput += part;
    });
  }
  const running = () =>
    findByEnvironment(MARK, mark).flatMap((pid) => {
      const entry = readProcess(pid);
      return entry ? [{ pid, command: entry.command }] : [];
    });
  return {
    process: child,
    output: () => text,
    lastLine: () => standardOutput.trimEnd().split('\n').at(-1),
    async printed(wanted) {
      const deadline = Date.now() + READY_TIMEOUT_MS;
      while (!text.includes(wanted)) {
        if (child.exitCode !== null || Date.now() > deadline) {
          throw new Error(`"${wanted}" was not printed by ${command} ${args.join(' ')}:\n${text}`);
        }
        await pause();
      }
      return text;
    },
    ended,
    running,
    async leftOver() {
      const deadline = Date.now() + GONE_WITHIN_MS;
      for (;;) {
        const left = running();
        if (left.length === 0) return undefined;
        if (Date.now() > deadline) return left.map((one) => one.command).join('\n');
        await pause();
      }
    },
  };
}

export const pause = (ms = 50) => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU seconds that a command has used so far: its processes, and those of theirs that have ended. */
export function cpuSecondsOf(command: StartCommand): number {
  const ticks = command.running().flatMap(({ pid }) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).map(Number); // user, system, and both of ended children
  });
  return ticks.reduce((sum, one) => sum + one, 0) / 100;
}

/** CPU seconds that all cores of this machine have worked since it started. */
export function machineCpuSeconds(): number {
  const busy = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return busy.reduce((sum, one) => sum + one, 0) / 1_000;
}

/** All processes of the machine with this in their command line. Watchdogs hide from `running`: they bear no mark. */
export function processesWith(text: string): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    const entry = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    return entry?.command.includes(text) ? [entry] : [];
  });
}

/** `npm start` on a free port. */
export function npmStart(args: readonly string[], options: CommandOptions): StartCommand {
  return runCommand('npm', ['start', '--', '--port', '0', ...args], options);
}

/** Path of one of the three scripts. */
export const scriptPath = (name: 'start' | 'tour' | 'test') =>
  join(PROJECT_ROOT, 'tools', 'start', `${name}.mjs`);

/** Waits for the banner. */
export async function ready(start: StartCommand): Promise<{ url: string; simulator: string }> {
  const output = await start.printed('Ctrl-C stops everything.');
  const [, url] = /^NestCMS is ready at (http:\S+)$/m.exec(output) ?? [];
  const [, simulator] = /local simulator at (http:[^;]+);/.exec(output) ?? [];
  if (!url || !simulator) throw new Error(`The banner names no address:\n${output}`);
  return { url, simulator };
}
