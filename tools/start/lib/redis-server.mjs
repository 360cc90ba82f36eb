// @ts-check
import { findOnPath, lastLines, run } from './command.mjs';
import { installDebianPackages } from './debian.mjs';
import { StartError, step } from './say.mjs';

/**
 * @typedef {object} RedisBinary
 * @property {string} path
 * @property {string} version for example 7.0.15
 * @property {string} description one line for a person
 */

/**
 * Finds `redis-server` on PATH; when it is missing installs Debian's, where that is allowed.
 * @param {{ environment?: NodeJS.ProcessEnv, say?: (line: string) => void, uid?: number | undefined }} [options]
 * @returns {Promise<RedisBinary>}
 * @throws {StartError} when there is none, or the one found does not run
 */
export async function findRedisServer(options = {}) {
  const { environment = process.env, say = step, uid = process.getuid?.() } = options;
  let path = findOnPath('redis-server', environment);
  if (!path) {
    const installation = await installDebianPackages(['redis-server'], { environment, say, uid });
    path = findOnPath('redis-server', environment);
    if (!path) {
      const reason = installation.installed ? 'it is still not on PATH' : installation.reason;
      throw new StartError('There is no redis-server on this machine.', {
        tried: `redis-server on PATH (none); installing the Debian package redis-server (${reason})`,
        remedy:
          process.platform === 'darwin'
            ? 'type: brew install redis'
            : installation.installed
              ? 'put redis-server on PATH'
              : installation.remedy,
      });
    }
  }
  const result = await run(path, ['--version'], { environment, timeoutMs: 20_000 });
  const version = /\bv=(\d+\.\d+\.\d+)/.exec(result.output)?.[1];
  if (result.code !== 0 || !version) {
    throw new StartError(`The redis-server at ${path} does not run.`, {
      tried: `${path} --version: ${lastLines(result)}`,
      remedy: 'repair that installation, or put a working redis-server first on PATH.',
    });
  }
  return { path, version, description: `redis-server ${version} (${path})` };
}
