// @ts-check
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

/** Builds this package: what is tested is what is published. */
export function build() {
  run('npx', ['-y', 'pnpm@12.21.0', 'run', 'build'], { cwd: PACKAGE });
}
