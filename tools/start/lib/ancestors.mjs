// @ts-check
import { isSameProcess, readProcess } from './process-table.mjs';

const MANAGER = /(^|[/\s])(npm|npx|pnpm|pnpx|yarn)(-cli)?(\.[cm]?js)?(\s|$)/;
const SHELL = /^(\S*\/)?(sh|bash|dash|zsh|ash|busybox sh)\s+-\w*c\b/;
const MOST_ANCESTORS = 30;

/** @typedef {import('./process-table.mjs').ProcessEntry} ProcessEntry */

/**
 * The processes between this one and the package manager that runs it, both ends included: what
 * the user thinks of as "the command". Empty when no package manager runs this process; then a
 * shell that goes away is none of our business.
 * @param {number} [pid] default: this process
 * @param {(pid: number) => ProcessEntry | undefined} [read]
 * @returns {ProcessEntry[]} nearest first, without the process itself
 */
export function commandAncestors(pid = process.pid, read = readProcess) {
  /** @type {ProcessEntry[]} */
  const ancestors = [];
  let managed = 0; // how many of them belong to the command
  let parent = read(pid)?.parent;
  while (parent !== undefined && parent > 1 && ancestors.length < MOST_ANCESTORS) {
    const entry = read(parent);
    if (!entry) break;
    const isManager = isPackageManager(entry.command);
    // Above the manager only its own shells and managers count (npx running pnpm, and so on).
    if (managed > 0 && !isManager && !SHELL.test(entry.command)) break;
    ancestors.push(entry);
    if (isManager) managed = ancestors.length;
    parent = entry.parent;
  }
  return ancestors.slice(0, managed);
}

/** @param {string} command */
function isPackageManager(command) {
  // Either the program itself or the script that node runs.
  const [program = '', script = ''] = command.split(/\s+/);
  return MANAGER.test(program) || (/(^|\/)node$/.test(program) && MANAGER.test(script));
}

/**
 * Calls back once when one of the processes that make up the command has gone: npm ended by
 * SIGKILL passes nothing on.
 * @param {{ onGone: (gone: ProcessEntry) => void, intervalMs?: number }} options intervalMs:
 *   default 500 on Linux, 2000 elsewhere, where asking costs a process
 * @returns {() => void} stops watching
 */
export function watchCommand({ onGone, intervalMs = process.platform === 'linux' ? 500 : 2_000 }) {
  const ancestors = commandAncestors();
  const timer = setInterval(() => {
    const gone = ancestors.find((entry) => !isSameProcess(entry.pid, entry.startedAt));
    if (!gone) return;
    clearInterval(timer);
    onGone(gone);
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
