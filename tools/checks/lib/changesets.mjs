// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root
 * @param {string[]} args
 */
const git = (root, ...args) =>
  execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();

/**
 * Packages whose API report changed although no changeset says so.
 * @param {string} root
 * @param {string | undefined} base commit to compare with; without one each package is compared
 *   with its last release, that is the last commit that wrote its change log
 * @returns {{ name: string, reports: string[] }[]}
 * @throws {Error} when `base` names no commit
 */
export function undeclaredChanges(root, base) {
  const since = base === undefined ? undefined : git(root, 'merge-base', base, 'HEAD');
  const named = packagesNamed(root, pendingChangesets(root, since));
  return readdirSync(join(root, 'packages')).flatMap((directory) => {
    const folder = `packages/${directory}`;
    const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const from = since ?? lastRelease(root, folder);
    const reports = changedFiles(root, from, `${folder}/etc`).filter((path) =>
      path.endsWith('.api.md'),
    );
    return reports.length > 0 && !named.has(name) ? [{ name, reports }] : [];
  });
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string | undefined} undefined when it was never released
 */
function lastRelease(root, folder) {
  return git(root, 'log', '-1', '--format=%H', '--', `${folder}/CHANGELOG.md`) || undefined;
}

/**
 * Files that differ from a commit, those not yet committed included.
 * @param {string} root
 * @param {string | undefined} from undefined: every file there is counts
 * @param {string} folder
 */
function changedFiles(root, from, folder) {
  const untracked = git(root, 'ls-files', '--others', '--exclude-standard', '--', folder);
  const tracked =
    from === undefined
      ? git(root, 'ls-files', '--', folder)
      : git(root, 'diff', '--name-only', from, '--', folder);
  return [...tracked.split('\n'), ...untracked.split('\n')].filter((path) => path !== '');
}

/**
 * @param {string} root
 * @param {string | undefined} since undefined: all that wait for the next release
 */
function pendingChangesets(root, since) {
  const all = readdirSync(join(root, '.changeset'))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => `.changeset/${name}`);
  if (since === undefined) return all;
  const changed = changedFiles(root, since, '.changeset');
  return all.filter((path) => changed.includes(path));
}

/**
 * @param {string} root
 * @param {string[]} changesets
 */
function packagesNamed(root, changesets) {
  /** @type {Set<string>} */
  const names = new Set();
  for (const path of changesets) {
    const file = join(root, path);
    if (!existsSync(file)) continue;
    const [, front = ''] = readFileSync(file, 'utf8').split(/^---\s*$/m);
    for (const [, name = ''] of front.matchAll(/^\s*['"]?([^'":]+)['"]?\s*:\s*\w+\s*$/gm)) {
      names.add(name);
    }
  }
  return names;
}
