import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { generate } from 'selfsigned';
import type { Command, CommandIo } from '../src/cli/command.js';
import { runCli } from '../src/cli/run-cli.js';
import { listenForTest } from './listen-for-test.js';

/** One run of the command line in this process. */
export interface StartedCli {
  readonly code: Promise<number>;
  readonly out: readonly string[];
  readonly err: readonly string[];
  /** Everything that was written, in one text. */
  readonly said: () => string;
  /** Ctrl-C. */
  readonly interrupt: () => void;
}

interface CliSurroundings {
  readonly commands: readonly Command[];
  readonly env?: CommandIo['env'];
  readonly signal?: AbortSignal;
  readonly onPrint?: (line: string) => void;
}

export function startCli(argv: readonly string[], surroundings: CliSurroundings): StartedCli {
  const { commands, env = {}, signal, onPrint = () => {} } = surroundings;
  const out: string[] = [];
  const err: string[] = [];
  const stopping = new AbortController();
  const io: CommandIo = {
    print: (line) => {
      out.push(line);
      onPrint(line);
    },
    warn: (line) => void err.push(line),
    env,
    signal: signal ?? stopping.signal,
  };
  return {
    code: runCli(argv, io, commands),
    out,
    err,
    said: () => [...out, ...err].join('\n'),
    interrupt: () => stopping.abort(),
  };
}

/** What a command line came to. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command to its end. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  surroundings: Omit<CliSurroundings, 'commands'> = {},
): Promise<CliRun> {
  const run = startCli([command.name, ...args], { ...surroundings, commands: [command] });
  return { code: await run.code, out: run.out.join('\n'), err: run.err.join('\n') };
}

/** A server for one test. */
export async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  return { url: `http://127.0.0.1:${await listenForTest(server)}`, server };
}

/** One whose certificate nobody has signed but itself. */
export async function serveSelfSigned(listener: RequestListener): Promise<string> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  return `https://localhost:${await listenForTest(createTlsServer({ key, cert }, listener))}`;
}

/** A URL on which nobody listens any more. */
export async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
