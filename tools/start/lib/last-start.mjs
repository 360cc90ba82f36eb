// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.mjs';

/** The note that `npm start` leaves about where its server listens. */
export function lastStartFile(environment = process.env) {
  return join(cacheDirectory(environment), 'last-start.json');
}

/**
 * Address of the server that was started last and still runs.
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {string | undefined}
 */
export function lastStartUrl(environment = process.env) {
  try {
    const { v, url, pid } = JSON.parse(readFileSync(lastStartFile(environment), 'utf8'));
    process.kill(pid, 0);
    return v === 1 ? url : undefined;
  } catch {
    return undefined; // never started, or not running any more
  }
}
