import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { handleOf, type ServerHandle, type StartOptions, variablesFor } from './start-server.js';

const FOLDER = fileURLToPath(new URL('../../', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

export interface ServerProcess extends ServerHandle {
  readonly child: ChildProcess;
  /** Everything it has written so far. */
  readonly output: () => string;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Sends the signal and gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** What the package's scripts load their sources by. */
export const LOADER_OF_SCRIPTS = '@oxc-node/core/register';
/** The same work in two thirds of the time. */
const FASTER_LOADER = new URL('../../../../tools/start/lib/sources.mjs', import.meta.url).href;

/** Runs a script of this server from its sources. */
export function spawnSource(
  args: readonly string[],
  variables: Record<string, string | undefined>,
  loader = FASTER_LOADER,
): ChildProcess {
  return spawn(process.execPath, ['--conditions=@nestcms/source', '--import', loader, ...args], {
    cwd: FOLDER,
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** The real `src/main.ts` as an operating system process of its own. */
export async function startServerProcess(
  options: Omit<StartOptions, 'overrides'> = {},
): Promise<ServerProcess> {
  const variables = { ...(await variablesFor(options)), LOG_LEVEL: 'info' };
  const child = spawnSource(['src/main.ts'], variables);
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`The server did not start in time:\n${output}`)),
      START_TIMEOUT_MS,
    );
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const listening = /"url":"([^"]+)","msg":"listening"/.exec(output)?.[1];
      if (listening !== undefined) {
        clearTimeout(timer);
        resolve(listening);
      }
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with ${String(code)}:\n${output}`));
    });
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  const kill = async (): Promise<void> => {
    await end('SIGKILL');
  };
  // Killed in the middle of a transaction it would leave locks behind, and the database could not be
  // dropped before they expire.
  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await end('SIGTERM');
    clearTimeout(timer);
  };
  return { ...handleOf(url, variables, stop), child, output: () => output, kill, end };
}
