import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Checked } from './checked.ts';

/** Runs the checks, or has the program answer a query. */
const WORKER = `
import * as program from './program.mjs';
export default {
  async fetch(request) {
    const { search, searchParams } = new URL(request.url);
    return Response.json(
      search === '' ? await program.runChecks() : await program.answer(searchParams),
    );
  },
};
`;

/** What makes a worker of today, or one of before there was anything of Node in it. */
export interface Compatibility {
  readonly date: string;
  readonly flags: readonly string[];
}

const configFor = ({ date, flags }: Compatibility): string => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "program.mjs", esModule = embed "program.mjs"),
  ],
  compatibilityDate = ${JSON.stringify(date)},
  compatibilityFlags = ${JSON.stringify(flags)},
);
`;

interface Listening {
  readonly event: string;
  readonly port: number;
}

/** The port that a workerd tells of on its third channel. */
const portOf = async (control: Readable): Promise<number> => {
  let text = '';
  for await (const chunk of control) {
    text += String(chunk);
    const line = text.split('\n').find((candidate) => candidate.includes('"listen"'));
    if (line?.endsWith('}')) return (JSON.parse(line) as Listening).port;
  }
  throw new Error('workerd ended before it listened.');
};

/** A check that needs several requests: asks with queries, which the program's `answer` answers. */
export interface AlsoCheck {
  readonly name: string;
  readonly check: (ask: (query: string) => Promise<unknown>) => Promise<void>;
}

const checkRequests = async (
  { name, check }: AlsoCheck,
  ask: (query: string) => Promise<unknown>,
): Promise<Checked> => {
  try {
    await check(ask);
    return { name };
  } catch (error) {
    return { name, error: String(error) };
  }
};

/** Serves a program from a worker and asks it. @param binary workerd itself */
export const runInWorkerd = async (
  binary: string,
  folder: string,
  compatibility: Compatibility,
  alsoCheck: readonly AlsoCheck[],
): Promise<Checked[]> => {
  writeFileSync(join(folder, 'worker.mjs'), WORKER);
  const config = join(folder, 'config.capnp');
  writeFileSync(config, configFor(compatibility));
  const worker = spawn(binary, ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  worker.stderr?.on('data', (chunk: Buffer) => said.push(String(chunk)));
  try {
    const port = await portOf(worker.stdio[3] as Readable);
    const ask = async (query: string): Promise<unknown> => {
      const signal = AbortSignal.timeout(30_000);
      const response = await fetch(`http://127.0.0.1:${port}/${query}`, { signal });
      return response.json();
    };
    const checked = (await ask('')) as Checked[];
    for (const one of alsoCheck) checked.push(await checkRequests(one, ask));
    return checked;
  } catch (error) {
    throw new Error(`${String(error)} ${said.join('')}`.trim());
  } finally {
    const ended = once(worker, 'close');
    worker.kill();
    await ended;
  }
};
