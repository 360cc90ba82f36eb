import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError, step } from '../lib/say.mjs';
import { PROJECT_ROOT } from '../lib/set-up.mjs';
import { SOURCE_OPTIONS } from '../lib/source-options.mjs';
import type { Supervisor } from '../lib/supervisor.mjs';

const SERVER_FOLDER = join(PROJECT_ROOT, 'examples', 'nest-cms-server');
const WHEN_TOLD = join(PROJECT_ROOT, 'tools', 'start', 'run', 'when-told.ts');
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 100;
const LOG_LINES_SHOWN = 15;
/** Time for requests that run; the whole stop must be over in 5 s. */
const GRACE_MS = 2_000;

export interface ServerSettings {
  readonly url: string;
  readonly environment: NodeJS.ProcessEnv;
}

export interface RunningServer {
  /** Resolves with a sentence when the server ends by itself. */
  readonly ended: Promise<string>;
}

/** A server process that loads its code and waits. */
export interface LoadingServer {
  /**
   * Lets it run and waits until it is ready.
   * @throws {StartError} with the end of its log when it does not come up
   */
  run(settings: ServerSettings): Promise<RunningServer>;
  stop(): Promise<void>;
}

/** Starts the NestCMS server as a process of its own, which loads while its databases start. */
export function loadServer(supervisor: Supervisor, logFile: string): LoadingServer {
  const log = openSync(logFile, 'a', 0o600);
  const script = [WHEN_TOLD, 'src/main.ts', 'src/create-app.ts'];
  const child = supervisor.spawn(process.execPath, [...SOURCE_OPTIONS, ...script], {
    cwd: SERVER_FOLDER,
    env: { ...process.env, NODE_ENV: 'development' },
    stdio: ['ignore', log, log, 'ipc'],
    graceMs: GRACE_MS,
  });
  closeSync(log);
  const ended = endOf(child);
  return {
    stop: () => supervisor.stop(child),
    async run({ url, environment }) {
      step('Starting the NestCMS server');
      child.send(environment, () => {}); // where it has ended, `ended` says so
      const outcome = await Promise.race([untilReady(url), ended]);
      if (outcome !== 'ready') {
        throw new StartError(`The NestCMS server did not come up: ${outcome}.`, {
          tried: `GET ${url}/health/ready; the end of its log:\n${endOfLog(logFile)}`,
          remedy: 'read the log above; it names what is wrong.',
        });
      }
      return {
        ended: ended.then((reason) => `${reason}. The end of its log:\n${endOfLog(logFile)}`),
      };
    },
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
  });
}

async function untilReady(url: string): Promise<string> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
      if (response.ok) return 'ready';
      last = `HTTP ${response.status}`;
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return `it was not ready after ${READY_TIMEOUT_MS / 1000} s (${last})`;
}

function endOfLog(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  return lines
    .slice(-LOG_LINES_SHOWN)
    .map((line) => `    ${line.slice(0, 500)}`)
    .join('\n');
}
