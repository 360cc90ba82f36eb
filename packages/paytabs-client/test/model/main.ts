import { parseArgs } from 'node:util';
import { loadBundled } from '@nestcms/scripts/load-bundled';
import { print, readOrExplain, readWhole } from '@nestcms/scripts/script-options';

type Whole = typeof import('./whole.js');

const USAGE = `model [--crashes N] [--notices N]   walks through everything that two processes, the network, the bank and the shopper
                                    can do to two tries of one payment, with the client's own rules, and then with planted faults

  --crashes N    how often a process may die; default 1
  --notices N    how many notices come that nobody can rely on; default 1
`;

const readOptions = (argv: readonly string[]) => {
  const { values } = parseArgs({
    // pnpm hands a leading `--` on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      crashes: { type: 'string', default: '1' },
      notices: { type: 'string', default: '1' },
    },
  });
  return {
    crashes: readWhole('crashes', values.crashes, 0),
    notices: readWhole('notices', values.notices, 0),
  };
};

const main = async (): Promise<number> => {
  const options = readOrExplain(() => readOptions(process.argv.slice(2)), USAGE);
  if (options === undefined) return 2;
  const { walks } = await loadBundled<Whole>(new URL('whole.ts', import.meta.url));
  let passed = 0;
  let failed = 0;
  for (const walk of walks(options)) {
    const { isRight, lines } = walk();
    for (const line of lines) print(line);
    if (isRight) passed += 1;
    else failed += 1;
  }
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

process.exitCode = await main();
