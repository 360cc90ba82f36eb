// @ts-check
import { lastLines, run } from './command.mjs';
import { installDebianPackages } from './debian.mjs';

/** Oldest release with everything NestCMS uses. */
export const OLDEST_MONGOD = 6;

/** Libraries that a mongod built for Debian or Ubuntu wants, and the packages they are in. */
const LIBRARY_PACKAGES = [
  { library: /^libcurl\.so\.4/, name: 'libcurl4' },
  { library: /^lib(ssl|crypto)\.so\.3/, name: 'libssl3' },
  { library: /^liblzma\.so\.5/, name: 'liblzma5' },
];

/**
 * @typedef {{ usable: true, version: string } | { usable: false, reason: string, remedy?: string }} MongodCheck
 * @typedef {{ environment: NodeJS.ProcessEnv, say: (line: string) => void, uid: number | undefined }} Surroundings
 */

/**
 * Asks a mongod for its version, which also shows whether it runs at all.
 * @param {string} path
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Promise<MongodCheck & { missingLibrary?: string }>}
 */
export async function checkMongod(path, environment) {
  const result = await run(path, ['--version'], { environment, timeoutMs: 20_000 });
  const version = /\bdb version v(\d+\.\d+\.\d+)/.exec(result.output)?.[1];
  if (result.code !== 0 || !version) {
    const missingLibrary = /error while loading shared libraries: ([^:\s]+)/.exec(
      result.output,
    )?.[1];
    const reason = `it does not run: ${lastLines(result)}`;
    return { usable: false, reason, ...(missingLibrary ? { missingLibrary } : {}) };
  }
  if (Number.parseInt(version, 10) < OLDEST_MONGOD) {
    return {
      usable: false,
      reason: `it is version ${version}, but ${OLDEST_MONGOD}.0 or newer is needed`,
    };
  }
  return { usable: true, version };
}

/**
 * The same for a mongod that was downloaded, which may lack libraries that a bare machine has not
 * got; these are installed where that is allowed.
 * @param {string} path
 * @param {Surroundings} surroundings
 * @returns {Promise<MongodCheck>}
 */
export async function checkDownloadedMongod(path, surroundings) {
  // The loader names one missing library at a time.
  for (let attempt = 0; ; attempt += 1) {
    const check = await checkMongod(path, surroundings.environment);
    if (check.usable || !check.missingLibrary) return check;
    const library = check.missingLibrary;
    const found = LIBRARY_PACKAGES.find((entry) => entry.library.test(library));
    if (!found || attempt === LIBRARY_PACKAGES.length) return check;
    const installation = await installDebianPackages([found.name], surroundings);
    if (!installation.installed) {
      return {
        usable: false,
        reason: `${library} is missing and ${installation.reason}`,
        remedy: installation.remedy,
      };
    }
  }
}
