import { parseArgs } from 'node:util';
import { bundle } from '@nestcms/scripts/bundle';
import { loadBundled } from '@nestcms/scripts/load-bundled';
import { anySeed, print, readOrExplain, readWhole } from '@nestcms/scripts/script-options';

type Simulate = typeof import('./simulate.js');

const USAGE = `simulate [--interleavings N] [--seed S] [--planted]

  processes that read, write and invalidate over a simulated replica set and Redis, in simulated time, while members lag
  and fail over, messages get lost, links are cut, processes pause and Redis forgets; no answer may be stale

  --interleavings N   default 1000000
  --seed S            decides on everything; default: any. A failure names the seed of its own interleaving
  --planted           each known mistake once, for at most N interleavings (default 10000); passes if each is found
`;

const readOptions = (argv: readonly string[]) => {
  const { values } = parseArgs({
    // pnpm hands a leading dash-dash on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      interleavings: { type: 'string' },
      seed: { type: 'string', default: anySeed() },
      planted: { type: 'boolean', default: false },
    },
  });
  const { planted, interleavings = planted ? '10000' : '1000000' } = values;
  return {
    interleavings: readWhole('interleavings', interleavings, 1),
    seed: readWhole('seed', values.seed, 0),
    planted,
  };
};

const main = async (): Promise<number> => {
  const options = readOrExplain(() => readOptions(process.argv.slice(2)), USAGE);
  if (options === undefined) return 2;
  print(`seed ${options.seed}, ${options.interleavings} interleavings`);
  const started = performance.now();
  const { run } = await loadBundled<Simulate>(new URL('simulate.ts', import.meta.url));
  const work = await bundle(new URL('work.ts', import.meta.url));
  try {
    const { passed, failed } = await run(options, work.path, print);
    if (failed > 0) print(`seed ${options.seed}`);
    print(`${((performance.now() - started) / 1000).toFixed(1)} s`);
    print(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await work.remove();
  }
};

process.exitCode = await main();
