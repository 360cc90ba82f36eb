// @ts-check
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT_ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/**
 * @typedef {object} Entry
 * @property {string} specifier what a user imports, for example `@nestcms/webhook-security/redis`
 * @property {string} name `index` for the package itself, else the sub-path: `redis`
 * @property {string} declarations absolute path of the built declarations (ESM)
 *
 * @typedef {object} PublishedPackage
 * @property {string} name
 * @property {string} folder absolute path
 * @property {string} directoryName for example `circuit-breaker`
 * @property {Record<string, string>} peers names and ranges
 * @property {Entry[]} entries
 */

/**
 * The packages that are published, with their entries as their export maps say.
 * @returns {PublishedPackage[]}
 */
export function publishedPackages(root = PROJECT_ROOT) {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((directoryName) => {
      const folder = join(root, 'packages', directoryName);
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const subPaths = Object.keys(manifest.exports).filter((path) => path !== './package.json');
      return {
        name: manifest.name,
        folder,
        directoryName,
        peers: manifest.peerDependencies ?? {},
        entries: subPaths.map((path) => ({
          specifier: manifest.name + path.slice(1),
          name: path === '.' ? 'index' : path.slice(2).replaceAll('/', '-'),
          declarations: join(folder, manifest.exports[path].import.types),
        })),
      };
    });
}
