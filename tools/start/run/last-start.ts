import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startsFolder } from '../lib/last-start.mjs';
import { readProcess } from '../lib/process-table.mjs';
import { detail } from '../lib/say.mjs';

const noteFile = () => join(startsFolder(), `${process.pid}.json`);

/** Notes where the server can be found, for `npm run tour`. */
export function rememberStart(url: string): void {
  const { pid } = process;
  const note = { v: 1, url, pid, startedAt: readProcess(pid)?.startedAt, at: Date.now() };
  try {
    mkdirSync(startsFolder(), { recursive: true });
    writeFileSync(noteFile(), `${JSON.stringify(note)}\n`, { mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    detail(
      `npm run tour will need NESTCMS_URL=${url}: the note for it cannot be written (${reason}).`,
    );
  }
}

export function forgetStart(): void {
  rmSync(noteFile(), { force: true });
}
