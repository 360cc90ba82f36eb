// Runs a script with the workspace's sources: the processes it starts inherit the same.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const sources = new URL('../../../../tools/start/lib/sources.mjs', import.meta.url);
const flags = ['--conditions=@nestcms/source', '--import', sources.href];
const [folder = '', ...args] = process.argv.slice(2);
const main = fileURLToPath(new URL(`../${folder}/main.ts`, import.meta.url));
const { status } = spawnSync(process.execPath, [...flags, main, ...args], { stdio: 'inherit' });
process.exitCode = status ?? 1;
