// @ts-check
import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Below the range from which systems take the ports of outgoing connections (32768 on Linux,
 * 49152 on macOS): a server that is stopped and started again finds its port free.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
const ATTEMPTS = 200;

/** @type {Set<string>} */
const held = new Set();
process.once('exit', () => {
  for (const lockFile of held) rmSync(lockFile, { force: true });
});

/**
 * @typedef {object} ReservedPort
 * @property {number} port
 * @property {() => void} release also done when this process ends; the lock of a process that was
 *   killed is recognised as abandoned
 */

/**
 * Reserves a TCP port among all processes that use this function, for as long as wanted: also
 * while nothing listens on it. Programs that do not ask here may still take it, so a server that
 * finds its first port taken should reserve another.
 * @param {object} [options]
 * @param {string} [options.host] the address to be listened on, default 127.0.0.1
 * @param {() => number} [options.draw] names a candidate; default: at random
 * @returns {Promise<ReservedPort>}
 * @throws {Error} when no free port is found in 200 tries
 */
export async function reservePort({ host = '127.0.0.1', draw = drawPort } = {}) {
  const directory = join(tmpdir(), `nestcms-ports-${process.getuid?.() ?? 'user'}`);
  mkdirSync(directory, { recursive: true });
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = draw();
    const lockFile = join(directory, String(port));
    if (!lock(lockFile)) continue;
    const release = () => {
      if (held.delete(lockFile)) rmSync(lockFile, { force: true });
    };
    if (await canListen(port, host)) return { port, release };
    release();
  }
  throw new Error(
    `No free port between ${FIRST_PORT} and ${LAST_PORT} in ${ATTEMPTS} tries; reservations lie in ${directory}.`,
  );
}

const drawPort = () => randomInt(FIRST_PORT, LAST_PORT + 1);

/** @param {string} file */
function lock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    held.add(file);
    return true;
  } catch {
    removeIfAbandoned(file); // free for the next who draws it; this one draws again
    return false;
  }
}

/** @param {string} file */
function removeIfAbandoned(file) {
  try {
    const owner = Number(readFileSync(file, 'utf8'));
    if (owner > 0) process.kill(owner, 0);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') {
      rmSync(file, { force: true });
    }
  }
}

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<boolean>}
 */
export function canListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
