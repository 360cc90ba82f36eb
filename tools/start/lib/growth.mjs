// @ts-check
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const POLL_MS = 500;
const REPORT_EVERY_MS = 5_000;

/**
 * Watches a download by what arrives in a directory: says now and then how far it is, and calls
 * back once when nothing has come for too long. How long it takes in all is nobody's business.
 * @param {string} directory
 * @param {{ stalledAfterMs: number, say: (line: string) => void, onStall: () => void }} options
 * @returns {() => void} stops watching
 */
export function watchGrowth(directory, { stalledAfterMs, say, onStall }) {
  let bytes = -1;
  let changedAt = performance.now();
  let reportedAt = changedAt;
  const look = async () => {
    const size = await sizeOf(directory);
    const now = performance.now();
    if (size !== bytes) {
      bytes = size;
      changedAt = now;
      if (now - reportedAt < REPORT_EVERY_MS) return;
      reportedAt = now;
      say(`  … ${Math.round(size / 1_000_000)} MB`);
    } else if (now - changedAt > stalledAfterMs) {
      clearInterval(timer);
      onStall();
    }
  };
  const timer = setInterval(() => void look(), POLL_MS);
  return () => clearInterval(timer);
}

/** @param {string} directory */
async function sizeOf(directory) {
  let size = 0;
  for (const name of await readdir(directory, { recursive: true }).catch(() => [])) {
    size += await stat(join(directory, name)).then(
      (entry) => (entry.isFile() ? entry.size : 0),
      () => 0,
    );
  }
  return size;
}
