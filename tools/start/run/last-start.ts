import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { lastStartFile } from '../lib/last-start.mjs';

/** Notes where the server can be found, for `npm run tour`. */
export function rememberStart(url: string): void {
  const file = lastStartFile();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ v: 1, url, pid: process.pid })}\n`, { mode: 0o600 });
}

/** Removes the note, unless a later start has written its own. */
export function forgetStart(): void {
  const file = lastStartFile();
  try {
    const { pid } = JSON.parse(readFileSync(file, 'utf8')) as { pid?: number };
    if (pid === process.pid) rmSync(file, { force: true });
  } catch {
    // There is none.
  }
}
