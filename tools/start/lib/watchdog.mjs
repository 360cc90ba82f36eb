// @ts-check
/**
 * Outlives its owner by a moment. The owner holds a pipe to this process and writes what it
 * started, one JSON value a line; when the pipe closes, for whatever reason, everything that is
 * still on the list is ended and this process ends too.
 *
 * Lines: { pid, startedAt, graceMs } · { ended: pid } · { directory } · { removed: directory }
 * Argument: the mark that everything started by the owner carries in its environment.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { findByEnvironment, isSameProcess } from './process-table.mjs';
import { MARK_VARIABLE, signalTree } from './supervised.mjs';

const mark = String(process.argv[2]);
const POLL_MS = 50;

/** @type {Map<number, { startedAt: string, graceMs: number }>} */
const processes = new Map();
/** @type {Set<string>} */
const directories = new Set();

// Signals to a whole group or session are for the owner; this process still has its work to do.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const entry = parse(line);
  if (entry.pid) processes.set(entry.pid, entry);
  if (entry.ended) processes.delete(entry.ended);
  if (entry.directory) directories.add(entry.directory);
  if (entry.removed) directories.delete(entry.removed);
}
await endAll();

/** @param {string} line */
function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {}; // the owner died while it wrote the last line
  }
}

async function endAll() {
  const endedAt = Date.now();
  for (const [pid, { startedAt, graceMs }] of processes) {
    if (graceMs > 0 && isSameProcess(pid, startedAt)) signalTree(pid, 'SIGTERM');
  }
  for (;;) {
    for (const [pid, { startedAt, graceMs }] of processes) {
      if (!isSameProcess(pid, startedAt)) processes.delete(pid);
      else if (Date.now() - endedAt >= graceMs) signalTree(pid, 'SIGKILL');
    }
    if (processes.size === 0) break;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  // What was started but not yet announced, or started by something that was.
  for (const pid of findByEnvironment(MARK_VARIABLE, mark)) {
    if (pid !== process.pid) signalTree(pid, 'SIGKILL');
  }
  for (const directory of directories) {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
