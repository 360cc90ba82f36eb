import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readProcess } from '../lib/process-table.mjs';
import { StartError } from '../lib/say.mjs';

const FORMAT_VERSION = 1;

/** Keys that a start makes up; none of them is ever the same on two machines. */
export interface Secrets {
  /** Signs access tokens. */
  readonly jwtKey: string;
  /** The simulated gateway's server key; signs its notices. */
  readonly payTabsServerKey: string;
}

/** Where a start keeps what it makes. */
export interface DataDirectory {
  readonly path: string;
  readonly secrets: Secrets;
  /** Lets the next start have it. */
  release(): void;
}

function newSecrets(): Secrets {
  // The gateway's keys look like this: three groups of ten.
  const group = (length: number) => randomBytes(8).toString('hex').toUpperCase().slice(0, length);
  return {
    jwtKey: randomBytes(36).toString('base64url'),
    payTabsServerKey: `S${group(9)}-${group(10)}-${group(10)}`,
  };
}

/**
 * Opens the directory of `--data`, or makes a new one of it.
 * @throws {StartError} when it holds something else, is in use, or cannot be written
 */
export function openDataDirectory(path: string): DataDirectory {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const file = join(path, 'nestcms.json');
    if (!existsSync(file)) {
      if (readdirSync(path).length > 0) {
        throw new StartError(`${path} holds other things, so NestCMS keeps no data there.`, {
          remedy: 'name a new or an empty directory, or one that an earlier start made.',
        });
      }
      writeFileSync(file, `${JSON.stringify({ v: FORMAT_VERSION, ...newSecrets() })}\n`, {
        mode: 0o600,
      });
    }
    chmodSync(file, 0o600);
    const release = lock(path);
    return { path, secrets: readSecrets(file), release };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`The data directory ${path} cannot be used.`, {
      tried: error instanceof Error ? error.message : String(error),
      remedy: 'name a directory that you may write to.',
      cause: error,
    });
  }
}

/** A temporary directory with secrets that nobody keeps. */
export function temporaryData(path: string): DataDirectory {
  return { path, secrets: newSecrets(), release: () => {} };
}

function readSecrets(file: string): Secrets {
  const stored = JSON.parse(readFileSync(file, 'utf8')) as Partial<Secrets> & { v?: number };
  if (stored.v !== FORMAT_VERSION || !stored.jwtKey || !stored.payTabsServerKey) {
    throw new StartError(`${file} has an unknown format.`, {
      remedy: 'name another directory, or use the release that wrote this one.',
    });
  }
  return { jwtKey: stored.jwtKey, payTabsServerKey: stored.payTabsServerKey };
}

/** One start at a time: two mongods cannot share their files. */
function lock(path: string): () => void {
  const file = join(path, 'in-use');
  const own = `${process.pid}\n${readProcess(process.pid)?.startedAt}`;
  try {
    writeFileSync(file, own, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const [pid = '', startedAt] = readFileSync(file, 'utf8').split('\n');
    // Without a start time another one is just writing it.
    if (startedAt === undefined || readProcess(Number(pid))?.startedAt === startedAt) {
      throw new StartError(`${path} is in use by another start (process ${pid}).`, {
        remedy: 'stop that one first, or name another directory.',
      });
    }
    rmSync(file, { force: true }); // of one that was killed
    writeFileSync(file, own, { flag: 'wx' });
  }
  return () => rmSync(file, { force: true });
}
