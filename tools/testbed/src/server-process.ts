import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { supervision } from './supervision.js';
import { until } from './until.js';

const START_TIMEOUT_MS = 30_000;

export interface ServerProcessOptions {
  /** Name for messages, for example "mongod replica1". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Both streams of the server are appended to this file. */
  readonly logFile: string;
  /** Appears in the log when the server takes connections. */
  readonly readyLine: RegExp;
  /** Milliseconds between SIGTERM and SIGKILL when it is stopped. Default 0: its data goes too. */
  readonly graceMs?: number;
}

/** A server that did not come up. */
export class ServerStartError extends Error {
  /** Whether its port was taken by somebody else; another port may do. */
  readonly portTaken: boolean;

  constructor(name: string, log: string) {
    super(`${name} did not start. The end of its log:\n${log.slice(-2_000)}`);
    this.name = 'ServerStartError';
    this.portTaken = /address already in use/i.test(log);
  }
}

/** One run after another of the same server, on the same port and data. */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | undefined;
  #frozen = false;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  /** Process id, undefined when it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get state(): 'running' | 'frozen' | 'stopped' {
    if (!this.#child) return 'stopped';
    return this.#frozen ? 'frozen' : 'running';
  }

  /**
   * Starts it and waits until it takes connections.
   * @throws {ServerStartError}
   */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.#options.name} runs already.`);
    const { name, command, args, logFile, readyLine, graceMs = 0 } = this.#options;
    const log = openSync(logFile, 'a');
    const offset = statSync(logFile).size;
    const child = supervision().spawn(command, args, { stdio: ['ignore', log, log], graceMs });
    closeSync(log);
    this.#child = child;
    this.#frozen = false;
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined;
    });
    child.once('error', () => {
      if (this.#child === child) this.#child = undefined;
    });
    const ownLog = () => readFileSync(logFile).subarray(offset).toString('utf8');
    const result = await until(
      () => (readyLine.test(ownLog()) ? 'ready' : this.#child !== child && 'ended'),
      { what: `${name} to start (log: ${logFile})`, timeoutMs: START_TIMEOUT_MS, intervalMs: 20 },
    );
    if (result === 'ended') throw new ServerStartError(name, ownLog());
  }

  /** SIGKILL: no goodbye to anybody. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** SIGSTOP: connections stay open, nothing is answered. */
  freeze(): void {
    if (!this.#child) throw new Error(`${this.#options.name} does not run.`);
    this.#child.kill('SIGSTOP');
    this.#frozen = true;
  }

  /** SIGCONT. */
  thaw(): void {
    if (!this.#child) throw new Error(`${this.#options.name} does not run.`);
    this.#child.kill('SIGCONT');
    this.#frozen = false;
  }

  /** Ends it in the way its `graceMs` says. */
  async stop(): Promise<void> {
    if (!this.#child) return;
    if (this.#frozen) this.thaw();
    await supervision().stop(this.#child);
  }
}

/** Starts a server on a port of its own choice, on another one when somebody was quicker. */
export async function withPortRetry<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start();
    } catch (error) {
      const again = error instanceof ServerStartError && error.portTaken && attempt < 5;
      if (!again) throw error;
    }
  }
}
