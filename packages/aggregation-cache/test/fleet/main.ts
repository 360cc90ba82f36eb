import { parseArgs } from 'node:util';
import { bundle } from '@nestcms/scripts/bundle';
import { anySeed, print, readOrExplain, readWhole } from '@nestcms/scripts/script-options';
import { runFleet } from './run.js';

const USAGE = `fleet [--trouble-ms N] [--processes N] [--loops N] [--seed S]

  several processes read and write through a real replica set and a real Redis, while members, Redis, lines and
  processes are killed, frozen, cut off and held back; then every answer is set against what it had to show

  --trouble-ms N   how long each trouble lasts; default 5000
  --processes N    default 4
  --loops N        readers in each; default 8
  --seed S         decides on reads and writes; default: any
`;

const readOptions = (argv: readonly string[]) => {
  const { values } = parseArgs({
    // pnpm hands a leading dash-dash on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      'trouble-ms': { type: 'string', default: '5000' },
      processes: { type: 'string', default: '4' },
      loops: { type: 'string', default: '8' },
      seed: { type: 'string', default: anySeed() },
    },
  });
  return {
    troubleMs: readWhole('trouble-ms', values['trouble-ms'], 1_000),
    processes: readWhole('processes', values.processes, 2),
    loops: readWhole('loops', values.loops, 1),
    seed: readWhole('seed', values.seed, 0),
  };
};

const main = async (): Promise<number> => {
  const options = readOrExplain(() => readOptions(process.argv.slice(2)), USAGE);
  if (options === undefined) return 2;
  print(`seed ${options.seed}`);
  const worker = await bundle(new URL('worker.ts', import.meta.url));
  try {
    const workerPath = worker.path;
    const result = await runFleet({
      ...options,
      documents: 20,
      heartbeatMs: 1_000,
      workerPath,
      print,
    });
    for (const { trouble, reads, failed, hits, medianMs, p99Ms } of result.phases) {
      const share = Math.round((100 * hits) / Math.max(1, reads));
      const times = `median ${medianMs.toFixed(1)} ms, p99 ${p99Ms.toFixed(0)} ms`;
      print(`  ${trouble}: ${reads} reads, ${failed} failed, ${share} % kept, ${times}`);
    }
    const { stale, failed } = result;
    print(`  ${result.reads} reads, ${result.writes} writes, ${stale.length} stale`);
    for (const one of stale.slice(0, 10)) print(`    ${JSON.stringify(one)}`);
    for (const [code, count] of Object.entries(failed)) print(`    failed: ${code} ${count} times`);
    const isGood = stale.length === 0 && Object.keys(failed).length === 0;
    if (!isGood) print(`seed ${options.seed}`);
    print(isGood ? '1 passed, 0 failed' : '0 passed, 1 failed');
    return isGood ? 0 : 1;
  } finally {
    await worker.remove();
  }
};

process.exitCode = await main();
