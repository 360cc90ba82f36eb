import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Simulator } from '../../src/testing/index.js';
import { askProgram } from './ask-program.js';
import type { PhpCheckouts } from './checkouts.js';
import type { Told } from './steps.js';

/** Who is asked, and with which key. */
export type Account = Pick<Simulator, 'baseUrl' | 'profileId' | 'serverKey'>;

/** Runs the programs in `php/` against one account. */
export interface PhpPrograms {
  /** One call of the SDK. */
  readonly call: (asked: Told) => Promise<Told>;
  readonly sign: (asked: Told) => Promise<Told>;
  /** The merchant's server. */
  readonly startMerchant: () => Promise<PhpMerchant>;
}

export interface PhpMerchant {
  readonly url: string;
  /** What the SDK said of each callback and return so far. */
  readonly verdicts: () => Promise<readonly Told[]>;
  readonly stop: () => Promise<void>;
}

export const phpPrograms = (
  { sdk, jsonmapper, psrLog }: PhpCheckouts,
  folder: string,
  { baseUrl, profileId, serverKey }: Account,
): PhpPrograms => {
  const env = {
    OUTSIDE_PHP_SDK: sdk,
    OUTSIDE_JSONMAPPER: jsonmapper,
    OUTSIDE_PSR_LOG: psrLog,
    OUTSIDE_BASE_URL: baseUrl,
    OUTSIDE_PROFILE_ID: String(profileId),
    OUTSIDE_SERVER_KEY: serverKey,
  };
  const run = (file: string) => (input: Told) =>
    askProgram('php', [join(folder, 'php', file)], { env, input });
  return {
    call: run('client.php'),
    sign: run('signer.php'),
    startMerchant: () => startMerchant(join(folder, 'php', 'merchant.php'), env),
  };
};

async function startMerchant(
  program: string,
  env: Readonly<Record<string, string>>,
): Promise<PhpMerchant> {
  const notes = await mkdtemp(join(tmpdir(), 'nestcms-outside-'));
  const file = join(notes, 'verdicts');
  const child = spawn('php', ['-S', '127.0.0.1:0', program], {
    env: { ...process.env, ...env, OUTSIDE_VERDICTS: file },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill();
    await ended;
    await rm(notes, { recursive: true, force: true });
  };
  try {
    const url = await urlOf(child);
    return { url, stop, verdicts: () => readVerdicts(file) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** PHP's server says on stderr where it listens, and then tells each request there. */
const urlOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`the PHP server did not start: ${said}`)));
    child.stderr?.on('data', (bytes: Buffer) => {
      said = (said + String(bytes)).slice(-2000);
      const url = /\((http:\/\/127\.0\.0\.1:\d+)\) started/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
  });

const readVerdicts = async (file: string): Promise<readonly Told[]> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Told);
};
