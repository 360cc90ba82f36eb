import { execFile } from 'node:child_process';
import type { Told } from './steps.js';

const TIMEOUT_MS = 60_000;

/** Runs a program that reads JSON and writes JSON. */
export const askProgram = (
  command: string,
  args: readonly string[],
  { env, input }: { env: Readonly<Record<string, string>>; input: unknown },
): Promise<Told> =>
  new Promise((resolve, reject) => {
    const child = execFile(
      command,
      [...args],
      { env: { ...process.env, ...env }, timeout: TIMEOUT_MS },
      (error, stdout, stderr) => {
        if (error !== null) {
          reject(new Error(stderr.trim() || error.message));
          return;
        }
        try {
          resolve(JSON.parse(stdout) as Told);
        } catch {
          reject(new Error(`no JSON came: ${stdout}${stderr}`));
        }
      },
    );
    // A program that cannot be started is told by the callback above.
    child.stdin?.on('error', () => {});
    child.stdin?.end(JSON.stringify(input));
  });
