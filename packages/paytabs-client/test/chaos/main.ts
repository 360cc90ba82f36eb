import { parseArgs } from 'node:util';
import { bundle } from '@nestcms/scripts/bundle';
import { anySeed, print, readOrExplain, readWhole } from '@nestcms/scripts/script-options';
import { startRedis } from '@nestcms/testbed';
import { type Planted, plantedNames } from './messages.js';
import { Chaos, type ChaosResult } from './run.js';

const USAGE = `chaos [--payments N] [--seed S] [--concurrency N] [--factor N] [--client NAME] [--planted]

  payments of mixed kinds against a gateway in trouble, by processes that are killed and frozen; then the books are set
  against the bank's log

  --payments N      default 100000
  --seed S          decides on orders, faults, declines and deaths; default: any
  --concurrency N   orders under way; default 64
  --factor N        how many times as fast time runs for client and simulator; default 60: all of it in an hour
  --client NAME     a client with a mistake: ${plantedNames.join(', ')}; the run must then fail
  --planted         each of these clients once; passes if each run fails
`;

const readOptions = (argv: readonly string[]) => {
  const { values } = parseArgs({
    // pnpm hands a leading dash-dash on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      payments: { type: 'string', default: '100000' },
      seed: { type: 'string', default: anySeed() },
      concurrency: { type: 'string', default: '64' },
      factor: { type: 'string', default: '60' },
      client: { type: 'string' },
      planted: { type: 'boolean', default: false },
    },
  });
  const { client } = values;
  const isKnown = client === undefined || plantedNames.includes(client as Planted);
  if (!isKnown) throw new RangeError(`--client must be one of: ${plantedNames.join(', ')}.`);
  return {
    payments: readWhole('payments', values.payments, 2),
    seed: readWhole('seed', values.seed, 0),
    concurrency: readWhole('concurrency', values.concurrency, 1),
    factor: readWhole('factor', values.factor, 1),
    clients: values.planted ? plantedNames : [client as Planted | undefined],
    mustFail: values.planted,
  };
};

const show = (name: string, lines: readonly string[]) => {
  print(`  ${name}: ${lines.length}`);
  for (const line of lines.slice(0, 10)) print(`    ${line}`);
};

function report(result: ChaosResult): boolean {
  const { paid, unpaid, person, moved, kills, freezes, corrected, tookMs, moves } = result;
  print(
    `  ${paid} paid, ${unpaid} unpaid, ${person} handed to a person; ${moved} minor units moved`,
  );
  print(
    `  ${kills} processes killed, ${freezes} frozen, ${corrected} ends corrected, ${Math.round(tookMs / 1000)} s`,
  );
  print(`  ${[...moves].sort().join('; ')}`);
  show('charged twice', result.chargedTwice);
  show('lost', result.lost);
  show('invented', result.invented);
  show('crashes', result.crashes);
  show('moves that the model does not know', result.illegal);
  show('keys, card numbers, tokens seen', result.leaks);
  print(`  unfinished: ${result.unfinished}`);
  const { chargedTwice, lost, invented, crashes, illegal, leaks, unfinished } = result;
  return (
    [chargedTwice, lost, invented, crashes, illegal, leaks].every((all) => all.length === 0) &&
    unfinished === 0
  );
}

const main = async (): Promise<number> => {
  const options = readOrExplain(() => readOptions(process.argv.slice(2)), USAGE);
  if (options === undefined) return 2;
  const { payments, seed, factor, concurrency, clients, mustFail } = options;
  print(`seed ${seed}, ${payments} payments, time ${factor} times as fast`);
  const shop = await bundle(new URL('shop.ts', import.meta.url));
  const run = async (
    duplicateGuard: 'payments' | 'off',
    planted: Planted | undefined,
  ): Promise<boolean> => {
    const redis = await startRedis({ maxmemory: '2gb' });
    try {
      print(`${planted ?? 'the client as it is'}, duplicate guard ${duplicateGuard}:`);
      const common = { payments: Math.ceil(payments / 2), seed, factor, concurrency, processes: 4 };
      const onProgress = (line: string) => process.stderr.write(`  ${line}\n`);
      const where = { redisUrl: redis.url, shopPath: shop.path };
      const chaos = new Chaos({ ...common, ...where, duplicateGuard, planted, onProgress });
      return report(await chaos.run());
    } finally {
      await redis.stop();
    }
  };
  let passed = 0;
  let failed = 0;
  try {
    for (const planted of clients) {
      // Half with the gateway's own guard, half without. A mistake must show without it.
      for (const guard of mustFail ? (['off'] as const) : (['payments', 'off'] as const)) {
        if ((await run(guard, planted)) === mustFail) failed += 1;
        else passed += 1;
      }
    }
  } finally {
    await shop.remove();
  }
  if (failed > 0) print(`seed ${seed}`);
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

process.exitCode = await main();
