// @ts-check
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.mjs';
import { isSameProcess } from './process-table.mjs';

/** Where each running `npm start` leaves a note about where its server listens. */
export function startsFolder(environment = process.env) {
  return join(cacheDirectory(environment), 'starts');
}

/**
 * Address of the server that was started last of those that still run. Notes of starts that were
 * killed are removed.
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {string | undefined}
 */
export function lastStartUrl(environment = process.env) {
  const folder = startsFolder(environment);
  const notes = namesIn(folder).flatMap((name) => {
    const note = read(join(folder, name));
    if (note && isSameProcess(note.pid, note.startedAt)) return [note];
    rmSync(join(folder, name), { force: true });
    return [];
  });
  return notes.sort((a, b) => b.at - a.at)[0]?.url;
}

/** @param {string} folder */
function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was ever started
  }
}

/**
 * @param {string} file
 * @returns {{ url: string, pid: number, startedAt: string, at: number } | undefined}
 */
function read(file) {
  try {
    const { v, ...note } = JSON.parse(readFileSync(file, 'utf8'));
    const isWhole = v === 1 && note.url && note.pid > 0 && note.startedAt;
    return isWhole ? note : undefined;
  } catch {
    return undefined; // gone meanwhile, or half written
  }
}
