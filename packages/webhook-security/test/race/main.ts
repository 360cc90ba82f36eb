import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startRedis } from '@nestcms/testbed';
import { raceInMemory, raceOfProcesses } from './race.js';

const USAGE = `replay-race [--rounds N] [--processes N] [--copies N]   gives verifiers N copies of one delivery at once,
                  N rounds in memory and N with a Redis of its own, and looks that one is accepted in each

  --rounds N      default 1000
  --processes N   that share the copies, with Redis; default 8
  --copies N      default 1000
`;

const readWhole = (name: string, text: string): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && Number.isSafeInteger(number)) return number;
  throw new RangeError(`--${name} must be a whole number from 1; it is '${text}'.`);
};

const readOptions = (argv: readonly string[]) => {
  const { values } = parseArgs({
    // pnpm hands a leading `--` on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      rounds: { type: 'string', default: '1000' },
      processes: { type: 'string', default: '8' },
      copies: { type: 'string', default: '1000' },
    },
  });
  return {
    rounds: readWhole('rounds', values.rounds),
    processes: readWhole('processes', values.processes),
    copies: readWhole('copies', values.copies),
  };
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Tells every hundredth round how far it is, and each fault at once. */
const progressOf = (rounds: number) => {
  let done = 0;
  return (fault: string | undefined): void => {
    done += 1;
    if (fault !== undefined) print(`FAILED  ${fault}`);
    if (done % 100 === 0) process.stderr.write(`${done} of ${rounds}\n`);
  };
};

const timed = async (what: string, rounds: number, race: () => Promise<readonly string[]>) => {
  const began = performance.now();
  const faults = await race();
  const seconds = (performance.now() - began) / 1_000;
  print(`${what}: ${rounds - faults.length} of ${rounds} rounds in ${seconds.toFixed(1)} s`);
  return faults.length;
};

const main = async (): Promise<number> => {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const { rounds, processes, copies } = options;
  let failed = await timed('in memory', rounds, () =>
    raceInMemory({ rounds, copies, onRound: progressOf(rounds) }),
  );
  const server = await startRedis();
  try {
    const place = { kind: 'redis', address: server.url, name: randomUUID(), processes } as const;
    failed += await timed(`Redis, ${processes} processes`, rounds, () =>
      raceOfProcesses({ ...place, rounds, copies, onRound: progressOf(rounds) }),
    );
  } finally {
    await server.stop();
  }
  print(`${2 * rounds - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

process.exitCode = await main();
