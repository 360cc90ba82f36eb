// @ts-check
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchGrowth } from './growth.mjs';
import { probeHost } from './probe-host.mjs';

const CHILD = fileURLToPath(new URL('./mongod-download-child.mjs', import.meta.url));
const DEFAULT_HOST = 'https://fastdl.mongodb.org';

/** Without a byte for so long the download is given up. */
const STALLED_AFTER_MS = 15_000;

/**
 * Lets mongodb-memory-server fetch MongoDB's official build. That library retries for minutes on
 * a host that does not answer, so the host is probed first and the download runs in a process of
 * its own that is killed when no more bytes arrive.
 * @param {{ environment: NodeJS.ProcessEnv, say: (line: string) => void, cache: string }} surroundings
 * @param {{ stalledAfterMs?: number }} [limits]
 * @returns {Promise<import('./mongod.mjs').SourceResult>}
 */
export async function downloadMongod({ environment, say, cache }, limits = {}) {
  if (!isLibraryInstalled()) {
    return { reason: 'mongodb-memory-server-core is not installed' };
  }
  const directory = join(cache, 'mongodb-binaries');
  await mkdir(directory, { recursive: true });
  const from = `MongoDB's own build, in ${directory}`;

  const located = await runChild('locate', { environment, directory, say: () => {} });
  if (located.path) return { path: located.path, from };

  const host =
    environment.MONGOMS_DOWNLOAD_URL ?? environment.MONGOMS_DOWNLOAD_MIRROR ?? DEFAULT_HOST;
  const probe = await probeHost(host, environment);
  if (!probe.reachable) return { reason: `${host}: ${probe.reason}` };

  say(`Downloading MongoDB from ${new URL(host).host}`);
  const { stalledAfterMs = STALLED_AFTER_MS } = limits;
  const downloaded = await runChild('download', { environment, directory, stalledAfterMs, say });
  return downloaded.path ? { path: downloaded.path, from } : { reason: downloaded.reason };
}

function isLibraryInstalled() {
  try {
    createRequire(import.meta.url).resolve('mongodb-memory-server-core');
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {'locate' | 'download'} task
 * @param {{ environment: NodeJS.ProcessEnv, directory: string, stalledAfterMs?: number, say: (line: string) => void }} options
 * @returns {Promise<{ path?: string, reason: string }>}
 */
async function runChild(task, options) {
  const { environment, directory, stalledAfterMs = STALLED_AFTER_MS, say } = options;
  const child = spawn(process.execPath, [CHILD, task, directory], {
    // The library checks certificates only when told so by npm's setting.
    env: { ...environment, npm_config_strict_ssl: 'true' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  /** @type {{ path?: string, reason?: string } | undefined} */
  let answer;
  let errors = '';
  let stalled = false;
  child.on('message', (message) => {
    answer = /** @type {{ path?: string, reason?: string }} */ (message);
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-2_000);
  });

  const stopWatching = watchGrowth(directory, {
    stalledAfterMs,
    say,
    onStall: () => {
      stalled = true;
      child.kill('SIGKILL');
    },
  });
  /** @type {string} */
  const failure = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(errors.trim().split('\n').at(-1) ?? ''));
  });
  stopWatching();

  if (answer?.path && existsSync(answer.path)) return { path: answer.path, reason: '' };
  if (stalled) return { reason: `no byte arrived for ${stalledAfterMs / 1000} s` };
  return { reason: answer?.reason ?? (failure || 'the download ended without a result') };
}
