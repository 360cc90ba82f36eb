import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildOurs, loadBuilt } from '../../bench/support/build.ts';
import { HeapWatch } from './heap-watch.ts';
import { Load } from './load.ts';
import { Recount } from './recount.ts';
import { Weather } from './weather.ts';

const USAGE = `soak [--minutes N] [--rate N] [--seed S]
  --minutes N  how long; default 60
  --rate N     calls a second; default 20000
  --seed S     of the faults; default: of the time
`;

interface Options {
  readonly minutes: number;
  readonly rate: number;
  readonly seed: number;
}

const readOptions = (argv: readonly string[]): Options | undefined => {
  try {
    const { values } = parseArgs({
      args: argv[0] === '--' ? argv.slice(1) : [...argv],
      options: {
        minutes: { type: 'string', default: '60' },
        rate: { type: 'string', default: '20000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      },
    });
    const read = (name: 'minutes' | 'rate' | 'seed', least: number): number => {
      const number = Number(values[name]);
      if (number >= least) return number;
      throw new RangeError(`--${name} must be a number from ${least}; it is '${values[name]}'.`);
    };
    return { minutes: read('minutes', 0.1), rate: read('rate', 1), seed: read('seed', 0) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
};

/** Milliseconds between two batches of calls. */
const BEAT_MS = 10;

const run = async ({ minutes, rate, seed }: Options): Promise<boolean> => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  process.stdout.write(`seed ${seed}, ${rate} calls a second for ${minutes} minutes\n`);
  await buildOurs();
  const ours = await loadBuilt();
  const mistakes: string[] = [];
  const escaped = (error: unknown) => mistakes.push(`escaped: ${String(error)}`);
  process.on('unhandledRejection', escaped);
  process.on('uncaughtException', escaped);

  const weather = new Weather(seed);
  const load = new Load(ours, weather);
  const recount = new Recount(load.breaker);
  const heap = new HeapWatch(collectGarbage);
  const started = performance.now();
  const endsAt = started + minutes * 60_000;
  let owed = 0;
  let last = started;
  let nextLook = started + 1000;
  let nextHeap = started + 60_000 * Math.min(1, minutes / 10);
  const between = nextHeap - started;
  while (performance.now() < endsAt) {
    await sleep(BEAT_MS);
    const now = performance.now();
    owed += (rate * (now - last)) / 1000;
    last = now;
    for (; owed >= 1; owed -= 1) load.call();
    if (now >= nextLook) {
      nextLook += 1000;
      mistakes.push(...recount.compare());
    }
    if (now >= nextHeap) {
      nextHeap += between;
      heap.look();
      process.stderr.write(
        `${((now - started) / 60_000).toFixed(1)} min: ${load.summary()}, ${heap.summary()}\n`,
      );
    }
    if (mistakes.length > 20) break;
  }
  await load.drained();
  mistakes.push(...load.leftOver(), ...heap.judge());
  for (const mistake of mistakes) process.stdout.write(`${mistake}\n`);
  if (mistakes.length > 0) process.stdout.write(`seed ${seed}\n`);
  process.stdout.write(`${load.summary()}; ${heap.summary()}\n`);
  process.stdout.write(`${recount.looks} passed, ${mistakes.length} failed\n`);
  return mistakes.length === 0;
};

const options = readOptions(process.argv.slice(2));
if (options === undefined) process.exitCode = 2;
else process.exit((await run(options)) ? 0 : 1);
