// @ts-check
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const isLinux = process.platform === 'linux';

/**
 * @typedef {object} ProcessEntry
 * @property {number} pid
 * @property {number} parent
 * @property {string} startedAt opaque; with the pid it names one process for ever, as pids are reused
 * @property {string} command
 */

/**
 * @param {number} pid
 * @returns {ProcessEntry | undefined} undefined when there is no such process (a zombie is none)
 */
export function readProcess(pid) {
  return isLinux ? fromProc(pid) : fromPs(pid);
}

/**
 * @param {number} pid
 * @param {string} startedAt
 */
export function isSameProcess(pid, startedAt) {
  return readProcess(pid)?.startedAt === startedAt;
}

/**
 * Processes that inherited an environment variable with this text in its value. Linux only: other
 * systems do not show a process's environment, and there the answer is empty.
 * @param {string} variable
 * @param {string} text
 * @returns {number[]}
 */
export function findByEnvironment(variable, text) {
  if (!isLinux) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8')
          .split('\0')
          .some((entry) => entry.startsWith(`${variable}=`) && entry.includes(text));
      } catch {
        return false; // gone meanwhile, or somebody else's
      }
    });
}

/**
 * @param {number} pid
 * @returns {ProcessEntry | undefined}
 */
function fromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parent, startedAt] = [fields[0], fields[1], fields[19]];
    if (!startedAt || state === 'Z' || state === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(parent), startedAt, command };
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @returns {ProcessEntry | undefined}
 */
function fromPs(pid) {
  try {
    const format = 'ppid=,state=,lstart=,command=';
    const line = execFileSync('ps', ['-o', format, '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    // lstart is five words: Mon Nov 23 21:40:00 2026
    const match = /^\s*(\d+)\s+(\S+)\s+((?:\S+\s+){4}\S+)\s+(.*)$/m.exec(line);
    if (!match?.[3] || match[2]?.startsWith('Z')) return undefined;
    return { pid, parent: Number(match[1]), startedAt: match[3], command: match[4] ?? '' };
  } catch {
    return undefined;
  }
}
