// @ts-check
import { findOnPath, lastLines, run } from './command.mjs';
import { step } from './say.mjs';

const APT_TIMEOUT_MS = 300_000;
const REPORT_EVERY_MS = 5_000;
const APT_OPTIONS = [
  '-o',
  'Acquire::Retries=1',
  '-o',
  'Acquire::http::Timeout=20',
  '-o',
  'DPkg::Lock::Timeout=120',
];

/**
 * @typedef {{ installed: true } | { installed: false, reason: string, remedy: string }} Installation
 */

/**
 * Installs Debian packages when that is possible and allowed: apt-get is there, the user is root
 * and NESTCMS_NO_INSTALL is not set. Says so in one line before.
 * @param {readonly string[]} packages
 * @param {{ environment?: NodeJS.ProcessEnv, say?: (line: string) => void, uid?: number | undefined, reportEveryMs?: number }} [options]
 * @returns {Promise<Installation>} when nothing was installed: why, and what the user can type
 */
export async function installDebianPackages(packages, options = {}) {
  const { environment = process.env, say = step, uid = process.getuid?.() } = options;
  const { reportEveryMs = REPORT_EVERY_MS } = options;
  const names = packages.join(' ');
  const aptGet = findOnPath('apt-get', environment);
  if (!aptGet) {
    return {
      installed: false,
      reason: 'this system has no apt-get',
      remedy: `install what Debian calls ${names} with the package manager of your system`,
    };
  }
  const line = `apt-get install -y ${names}`;
  const refused = (/** @type {string} */ reason) => ({
    installed: /** @type {const} */ (false),
    reason,
    remedy: `type: ${uid === 0 ? '' : 'sudo '}${line}`,
  });
  if (environment.NESTCMS_NO_INSTALL === '1') return refused('NESTCMS_NO_INSTALL=1 forbids it');
  if (uid !== 0) return refused('only root may install packages');

  say(`Installing ${names} with apt-get (NESTCMS_NO_INSTALL=1 forbids this)`);
  const quiet = { ...environment, DEBIAN_FRONTEND: 'noninteractive' };
  let latest = '';
  const apt = (/** @type {string[]} */ ...args) =>
    run(aptGet, [...APT_OPTIONS, ...args], {
      environment: quiet,
      timeoutMs: APT_TIMEOUT_MS,
      onLine: (line) => {
        latest = line;
      },
    });
  const timer = setInterval(() => latest && say(`  … ${latest.slice(0, 120)}`), reportEveryMs);
  const install = () => apt('install', '-y', '--no-install-recommends', ...packages);
  let result = await install();
  if (result.code !== 0) {
    // A fresh machine has no package lists, an old one has stale ones.
    await apt('update');
    result = await install();
  }
  clearInterval(timer);
  if (result.code === 0) return { installed: true };
  return refused(`${line} failed: ${lastLines(result)}`);
}
