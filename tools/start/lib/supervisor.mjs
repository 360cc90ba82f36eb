// @ts-check
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endedWithParent } from './parent-death.mjs';
import { readProcess } from './process-table.mjs';
import { MARK_VARIABLE, signalTree } from './supervised.mjs';

const WATCHDOG = fileURLToPath(new URL('./watchdog.mjs', import.meta.url));

/**
 * Time between SIGTERM and SIGKILL. Nothing may be left 5 s after the owner's death, and the
 * directories have still to be removed then.
 */
const DEFAULT_GRACE_MS = 2_500;
const LONGEST_GRACE_MS = 4_000;

/** A watchdog that ends is replaced; one that cannot even start is not worth more tries. */
const MOST_WATCHDOGS = 5;

/**
 * @typedef {object} SuperviseOptions
 * @property {number} [graceMs] time between SIGTERM and SIGKILL, default 2500, at most 4000; 0
 *   kills at once, right for servers whose data goes with them
 * @typedef {import('node:child_process').SpawnOptions & SuperviseOptions} SpawnOptions
 * @typedef {import('node:child_process').ChildProcess} ChildProcess
 */

/**
 * @typedef {object} Supervisor
 * @property {(command: string, args: readonly string[], options?: SpawnOptions) => ChildProcess} spawn
 *   starts a process that does not outlive this one, as leader of its own group (unless `detached`
 *   is false), so that a Ctrl-C meant for the owner does not reach it
 * @property {(child: ChildProcess) => Promise<void>} stop ends a process and its group and waits for it
 * @property {(prefix?: string) => string} temporaryDirectory makes one that is removed with the rest
 * @property {(path: string) => void} removeAtEnd a file or directory that is to go with the rest
 * @property {(path: string) => Promise<void>} remove removes such a one now
 * @property {() => Promise<void>} close ends everything and removes every directory
 */

/**
 * Starts processes and makes sure that none stays when this process ends, in whatever way: exit,
 * uncaught error, signal, SIGKILL. A watchdog process holds the other end of a pipe; nothing here
 * depends on handlers running. Linux also ends the children itself, should the watchdog be killed
 * with its owner.
 * @param {{ tmp?: string }} [options] tmp: parent of temporary directories, default os.tmpdir()
 * @returns {Supervisor}
 */
export function createSupervisor({ tmp = tmpdir() } = {}) {
  const mark = randomBytes(8).toString('hex');
  const marks = [process.env[MARK_VARIABLE], mark].filter(Boolean).join(',');
  /** @type {Map<ChildProcess, { graceMs: number, ended: Promise<void> }>} */
  const children = new Map();
  /** @type {Set<string>} */
  const directories = new Set();
  /** @type {ReturnType<typeof startWatchdog> | undefined} */
  let watchdog;
  let watchdogs = 0;
  let closed = false;

  /** @param {object} line */
  const tell = (line) => {
    if (!watchdog) {
      watchdogs += 1;
      if (watchdogs > MOST_WATCHDOGS) throw new Error('The watchdog process does not stay alive.');
      const started = startWatchdog(mark);
      watchdog = started;
      started.once('exit', () => {
        // Somebody ended the watchdog; the next one is told everything again.
        if (watchdog === started) watchdog = undefined;
        if (!closed && (children.size > 0 || directories.size > 0)) repeat();
      });
    }
    watchdog.stdin.write(`${JSON.stringify(line)}\n`);
  };
  const repeat = () => {
    for (const directory of directories) tell({ directory });
    for (const [child, { graceMs }] of children) announce(child, graceMs);
  };
  /**
   * @param {ChildProcess} child
   * @param {number} graceMs
   */
  const announce = (child, graceMs) => {
    const startedAt = child.pid === undefined ? undefined : readProcess(child.pid)?.startedAt;
    if (startedAt) tell({ pid: child.pid, startedAt, graceMs });
  };

  /** @type {Supervisor} */
  const supervisor = {
    spawn(command, args, { graceMs = DEFAULT_GRACE_MS, ...options } = {}) {
      if (closed) throw new Error('This supervisor is closed.');
      if (!watchdog) tell({}); // before the child, so that there is no moment without it
      const child = spawn(...endedWithParent(command, args, graceMs > 0 ? 'TERM' : 'KILL'), {
        detached: true,
        ...options,
        env: { ...(options.env ?? process.env), [MARK_VARIABLE]: marks },
      });
      const grace = Math.min(graceMs, LONGEST_GRACE_MS);
      announce(child, grace);
      /** @type {Promise<void>} */
      const ended = new Promise((resolve) => {
        const end = () => {
          children.delete(child);
          if (!closed && child.pid !== undefined) tell({ ended: child.pid });
          resolve();
        };
        child.once('exit', end);
        child.once('error', () => child.pid === undefined && end());
      });
      children.set(child, { graceMs: grace, ended });
      return child;
    },

    async stop(child) {
      const entry = children.get(child);
      if (!entry || child.pid === undefined) return;
      const { pid } = child;
      if (entry.graceMs > 0) signalTree(pid, 'SIGTERM');
      const timer = setTimeout(() => signalTree(pid, 'SIGKILL'), entry.graceMs);
      await entry.ended;
      clearTimeout(timer);
      signalTree(pid, 'SIGKILL'); // what it left in its group
    },

    temporaryDirectory(prefix = 'nestcms-') {
      const path = join(tmp, `${prefix}${randomBytes(8).toString('hex')}`);
      supervisor.removeAtEnd(path); // announced before it exists
      mkdirSync(path, { mode: 0o700, recursive: true });
      return path;
    },

    removeAtEnd(path) {
      directories.add(path);
      tell({ directory: path });
    },

    async remove(path) {
      await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      directories.delete(path);
      if (!closed) tell({ removed: path });
    },

    async close() {
      if (closed) return;
      await Promise.all([...children.keys()].map((child) => supervisor.stop(child)));
      await Promise.all([...directories].map((path) => supervisor.remove(path)));
      closed = true;
      const last = watchdog;
      if (!last) return;
      last.ref();
      const ended = new Promise((resolve) => last.once('exit', resolve));
      last.stdin.end();
      await ended;
    },
  };
  return supervisor;
}

/**
 * A session of its own, so that no signal to the owner's group or terminal reaches it; no stream
 * of the owner, so that a pipe reading the owner's output ends with the owner; no mark, so that an
 * outer supervisor does not end it before its work.
 * @param {string} mark
 */
function startWatchdog(mark) {
  const { [MARK_VARIABLE]: _, ...env } = process.env;
  const watchdog = spawn(process.execPath, [WATCHDOG, mark], {
    cwd: '/',
    detached: true,
    env: { ...env, NODE_OPTIONS: '' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  watchdog.stdin.on('error', () => {}); // it was ended; its exit starts the next one
  /** @type {import('node:net').Socket} */ (watchdog.stdin).unref();
  return watchdog;
}
