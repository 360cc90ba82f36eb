// @ts-check
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { run } from './command.mjs';

/** All that the suite requires beside Node.js and opossum, in the version its own lock file has. */
const TAPE = 'tape@5.9.0';

/**
 * @param {(text: string) => void} say
 * @returns {string} a `node_modules` with tape, outside the work tree
 */
export function installTape(say) {
  const base = process.env.XDG_CACHE_HOME;
  const cache = join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'nestcms');
  const target = join(cache, `opossum-suite-${TAPE}`);
  if (!existsSync(target)) {
    say(`installing ${TAPE}`);
    install(cache, target);
  }
  return join(target, 'node_modules');
}

/**
 * Installs beside the target and moves it there in one step: another run sees all of it or nothing.
 * @param {string} cache
 * @param {string} target
 */
function install(cache, target) {
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, '.draft-'));
  try {
    writeFileSync(join(draft, 'package.json'), '{ "private": true }\n');
    run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', TAPE], {
      cwd: draft,
    });
    renameSync(draft, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
