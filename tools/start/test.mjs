// @ts-check
import { parseTest, TEST_USAGE } from './lib/arguments.mjs';
import { runCommand } from './lib/hand-over.mjs';

await runCommand({
  parse: parseTest,
  usage: TEST_USAGE,
  script: 'tools/start/run/test.ts',
  lastLine: '0 passed, 1 failed',
});
