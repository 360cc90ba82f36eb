import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Outside the tree: runtimes weigh hundreds of megabytes, and are no dependency of anything. */
const CACHE = join(tmpdir(), 'nestcms-runtimes');

/**
 * The folder in which npm has installed `name@version`, done on the first call.
 * @throws what npm says if it cannot
 */
export const installed = async (name: string, version: string): Promise<string> => {
  const folder = join(CACHE, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const fresh = mkdtempSync(join(CACHE, 'new-'));
  try {
    writeFileSync(join(fresh, 'package.json'), JSON.stringify({ private: true }));
    const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', `${name}@${version}`];
    await promisify(execFile)('npm', args, { cwd: fresh, timeout: 300_000 });
    renameSync(fresh, folder);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Someone else may have been faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
};
