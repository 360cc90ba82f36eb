// @ts-check
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

const ABANDONED_AFTER_MS = 3_600_000;

/**
 * Where downloaded programs are kept: outside the work tree, shared by all its copies.
 * @param {NodeJS.ProcessEnv} [environment]
 */
export function cacheDirectory(environment = process.env) {
  const base = environment.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'nestcms');
}

/**
 * Fills a directory elsewhere and moves it into place in one step, so that another process sees
 * all of it or nothing. When two processes do this at once the first to finish wins and both
 * use its result.
 * @param {string} target
 * @param {(directory: string) => Promise<void>} fill
 */
export async function publishDirectory(target, fill) {
  const parent = dirname(target);
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const draft = join(parent, `.draft-${process.pid}-${randomBytes(6).toString('hex')}`);
  await mkdir(draft);
  try {
    await fill(draft);
    await rename(draft, target).catch((/** @type {unknown} */ error) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * Drafts of processes that were killed half-way.
 * @param {string} parent
 */
async function removeAbandoned(parent) {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('.draft-')) continue;
    const path = join(parent, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
