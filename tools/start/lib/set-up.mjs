// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { detail, StartError, step } from './say.mjs';

/** @typedef {import('./supervisor.mjs').Supervisor} Supervisor */

export const PROJECT_ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const PNPM = 'pnpm@12.21.0';
const WORKSPACE_FOLDERS = ['packages', 'examples', 'tools'];

/**
 * The Node that the project runs on: the binary inside the npm package `node`.
 * @param {string} root
 */
const nodeBinary = (root) => join(root, 'node_modules', 'node', 'bin', 'node');
/** @param {string} root */
const stampFile = (root) => join(root, 'node_modules', '.nestcms-set-up');

/** @param {string} root */
function workspaceManifests(root) {
  return WORKSPACE_FOLDERS.flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder)).map((name) => join(root, folder, name, 'package.json'))
      : [],
  ).filter((file) => existsSync(file));
}

/** Changes when anything that decides what must be installed changes. */
export function wantedStamp(root = PROJECT_ROOT) {
  const hash = createHash('sha256').update(`${PNPM} ${process.platform} ${process.arch}`);
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((name) =>
    join(root, name),
  );
  for (const file of [...files, ...workspaceManifests(root).sort()]) {
    hash.update('\0').update(file.slice(root.length)).update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** Whether node_modules is known to match the lock file. */
export function isSetUp(root = PROJECT_ROOT) {
  if (!existsSync(nodeBinary(root)) || !existsSync(stampFile(root))) return false;
  const complete = workspaceManifests(root).every((file) => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8'));
    const needed = Object.keys({ ...dependencies, ...devDependencies }).length > 0;
    return !needed || existsSync(join(dirname(file), 'node_modules'));
  });
  return complete && readFileSync(stampFile(root), 'utf8') === wantedStamp(root);
}

/**
 * Installs the dependencies unless they are there already.
 * @param {{ supervisor: Supervisor, root?: string }} options
 * @returns {Promise<string>} path of the Node binary that the rest runs on
 * @throws {StartError} when this Node is too old or the install fails
 */
export async function setUp({ supervisor, root = PROJECT_ROOT }) {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new StartError(`NestCMS needs Node 20 or newer to begin; this is ${process.version}.`, {
      remedy: 'install a newer Node, for example from https://nodejs.org, and run this again.',
    });
  }
  if (!isSetUp(root)) {
    step(`Installing the dependencies with ${PNPM} (the first time takes a minute or two)`);
    const started = Date.now();
    await install(supervisor, root);
    writeFileSync(stampFile(root), wantedStamp(root));
    step(`Dependencies installed in ${Math.round((Date.now() - started) / 1000)} s`);
  }
  return nodeBinary(root);
}

/**
 * @param {Supervisor} supervisor
 * @param {string} root
 */
async function install(supervisor, root) {
  const command = ['-y', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only'];
  const child = supervisor.spawn('npx', command, {
    cwd: root,
    env: { ...process.env, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @param {import('node:stream').Readable} stream */
  const showLines = async (stream) => {
    for await (const line of createInterface({ input: stream })) {
      // The outer Node may be older than what packages want; they run under the installed one.
      if (line.trim() !== '' && !line.includes('Unsupported engine')) detail(line);
    }
  };
  const shown = Promise.all(
    [child.stdout, child.stderr].filter((stream) => stream !== null).map(showLines),
  );
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? code)));
  });
  await shown;
  if (outcome !== undefined) {
    throw new StartError(`Installing the dependencies failed (${outcome}).`, {
      tried: `npx ${command.slice(0, 4).join(' ')}`,
      remedy:
        'read the lines above. Often it is the network (see "npm config get registry"), a full disk, or a ' +
        'package.json newer than pnpm-lock.yaml (then run "npx -y pnpm@12.21.0 install" and commit the lock file).',
    });
  }
  if (!existsSync(nodeBinary(root))) {
    throw new StartError('The install ended well but left no Node binary in node_modules/node.', {
      tried: nodeBinary(root),
      remedy: 'delete node_modules and run this again.',
    });
  }
}
