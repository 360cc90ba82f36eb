import { parseArgs } from 'node:util';
import { loadBundled } from '@nestcms/scripts/load-bundled';
import { anySeed, print, readOrExplain, readWhole } from '@nestcms/scripts/script-options';
import { startRedis, startReplicaSet } from '@nestcms/testbed';

const USAGE = `audit [--hits N] [--rate N] [--seed S]

  two caches of one Redis read audited classes of a real replica set, while its documents are written and invalidated;
  every kept answer that is read again must be what the database had at its moment, and a row that was changed in
  Redis must be found out

  --hits N   kept answers; default 1000000
  --rate N   of which one in so many is audited; default 100. A quarter of that must have been, for one audit at a time
             is made: a rate that audits cannot keep up with fails
  --seed S   decides on reads and writes; default: any
`;

const readOptions = (argv: readonly string[]) => {
  const { values } = parseArgs({
    // pnpm hands a leading dash-dash on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      hits: { type: 'string', default: '1000000' },
      rate: { type: 'string', default: '100' },
      seed: { type: 'string', default: anySeed() },
    },
  });
  return {
    hits: readWhole('hits', values.hits, 1),
    auditRate: readWhole('rate', values.rate, 1),
    seed: readWhole('seed', values.seed, 0),
  };
};

const auditOnServers = async (options: ReturnType<typeof readOptions>) => {
  // In one file, as a user's bundler makes it: module by module it is slower by far.
  const { runAudit } = await loadBundled<typeof import('./work.js')>(
    new URL('work.ts', import.meta.url),
  );
  const [set, redis] = await Promise.all([startReplicaSet(), startRedis()]);
  try {
    return await runAudit({ ...options, mongodbUri: set.uri, redisUrl: redis.url, print });
  } finally {
    await Promise.allSettled([set.stop(), redis.stop()]);
  }
};

const main = async (): Promise<number> => {
  const options = readOrExplain(() => readOptions(process.argv.slice(2)), USAGE);
  if (options === undefined) return 2;
  print(`seed ${options.seed}`);
  const { hits, audited, owed, alarms, found } = await auditOnServers(options);
  print(`  ${hits} kept answers, ${audited} audited of ${owed} at least`);
  print(`  ${alarms.length} false alarms`);
  for (const alarm of alarms.slice(0, 10)) print(`    ${alarm}`);
  print(`  the row changed in Redis: ${found ? 'found' : 'not found'}`);
  const isGood = audited >= owed && alarms.length === 0 && found;
  if (!isGood) print(`seed ${options.seed}`);
  print(isGood ? '1 passed, 0 failed' : '0 passed, 1 failed');
  return isGood ? 0 : 1;
};

process.exitCode = await main();
