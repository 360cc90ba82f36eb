// @ts-check
import { parseStart, START_USAGE } from './lib/arguments.mjs';
import { runCommand } from './lib/hand-over.mjs';
import { SOURCE_OPTIONS } from './lib/source-options.mjs';

await runCommand({
  parse: (argv) => parseStart(argv, process.env, process.cwd()),
  usage: START_USAGE,
  script: 'tools/start/run/start.ts',
  nodeOptions: SOURCE_OPTIONS,
});
