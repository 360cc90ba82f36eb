// @ts-check
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseStart, START_USAGE } from './lib/arguments.mjs';
import { runCommand } from './lib/hand-over.mjs';
import { PROJECT_ROOT } from './lib/set-up.mjs';

const register = join(PROJECT_ROOT, 'tools/start/node_modules/@oxc-node/core/register.mjs');

await runCommand({
  parse: (argv) => parseStart(argv, process.env, process.cwd()),
  usage: START_USAGE,
  script: 'tools/start/run/start.ts',
  // TypeScript with the workspace's packages from their sources: no build comes first.
  nodeOptions: ['--conditions=@nestcms/source', '--import', pathToFileURL(register).href],
});
