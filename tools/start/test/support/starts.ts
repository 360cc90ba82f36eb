import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOREIGN_SERVERS_REASON, usesForeignServers } from '@nestcms/testbed';
import { afterAll, beforeAll } from 'vitest';
import { findMongod } from '../../lib/mongod.mjs';
import { npmStart, runCommand, type StartCommand, scriptPath } from './start-command.js';

export const skip = usesForeignServers || process.platform !== 'linux';
const reason = usesForeignServers ? FOREIGN_SERVERS_REASON : 'reads /proc to find what is left';
/** What the describe of these tests adds to its name. */
export const whySkipped = skip ? ` (${reason})` : '';
export const START_MS = 90_000;
/** The process that does the work of a start. */
export const WORK = /tools\/start\/run\/start\.ts/;

let folder: string;
let environment: NodeJS.ProcessEnv;
const started: StartCommand[] = [];

/** A folder of this file's tests, which goes with them. */
export const inFolder = (name = '.') => join(folder, name);

export const start = (args: readonly string[] = [], more: NodeJS.ProcessEnv = {}) => {
  const command = npmStart(args, {
    cache: inFolder('cache'),
    environment: { ...environment, ...more },
  });
  started.push(command);
  return command;
};

export const tour = async (url: string, ...args: string[]) => {
  const command = runCommand(process.execPath, [scriptPath('tour'), ...args], {
    cache: inFolder('cache'),
    environment: { NESTCMS_URL: url },
  });
  return { code: await command.ended, output: command.output() };
};

/** Sends a signal, by default SIGKILL, to one process of the command, without a word to the others. */
export const killOne = (
  command: StartCommand,
  what: RegExp,
  signal: NodeJS.Signals = 'SIGKILL',
) => {
  const found = command.running().filter((one) => what.test(one.command));
  if (found.length !== 1) throw new Error(`${found.length} processes match ${what}.`);
  process.kill(found[0]?.pid ?? 0, signal);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nestcms-start-test-'));
  // The cache of downloads is the user's; a test has one of its own, so it names the program.
  environment = skip ? {} : { MONGOD_BINARY: (await findMongod()).path };
}, 120_000);

afterAll(async () => {
  for (const command of started) command.process.kill('SIGKILL');
  await Promise.all(started.map((command) => command.leftOver()));
  rmSync(folder, { recursive: true, force: true });
}, 60_000);
