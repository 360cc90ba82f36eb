import { parseArgs } from 'node:util';
import { loadBundled } from '@nestcms/scripts/load-bundled';
import { anySeed, print, readOrExplain, readWhole } from '@nestcms/scripts/script-options';

type Fuzz = typeof import('./fuzz.js');
type HeaderLengths = typeof import('./header-lengths.js');

const USAGE = `fuzz [--requests N] [--seed S]   gives verifiers of every scheme N requests, more or less right ones

  --requests N    default 10000000
  --seed S        a whole number; default: any

Then it measures how the time of a verdict grows with the length of each header, from 1 KB to 1 MB.
`;

/** Of a slope in logarithms: 1 is linear, 2 is quadratic. */
const largestExponent = 1.2;

const readOptions = (argv: readonly string[]) => {
  const { values } = parseArgs({
    // pnpm hands a leading `--` on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      requests: { type: 'string', default: '10000000' },
      seed: { type: 'string', default: anySeed() },
    },
  });
  return {
    requests: readWhole('requests', values.requests, 1),
    seed: readWhole('seed', values.seed, 0),
  };
};

/** What the machine does besides may bend a line once, but not again and again. */
const measureLengths = async (): Promise<readonly string[]> => {
  const { headerKinds, exponentOf } = await loadBundled<HeaderLengths>(
    new URL('header-lengths.ts', import.meta.url),
  );
  let largest = { name: '', exponent: 0 };
  const failed: string[] = [];
  for (const kind of headerKinds) {
    let exponent = Infinity;
    for (let round = 0; round < 5 && exponent > largestExponent; round += 1) {
      const measured = exponentOf(kind);
      if (measured === Infinity) break;
      exponent = Math.min(exponent, measured);
    }
    if (exponent > largest.exponent) largest = { name: kind.name, exponent };
    if (exponent > largestExponent) failed.push(`${kind.name}: ${exponent.toFixed(2)}`);
  }
  print(
    `time by header length, ${headerKinds.length} kinds: largest exponent ${largest.exponent.toFixed(2)}, ${largest.name}`,
  );
  return failed;
};

const main = async (): Promise<number> => {
  const options = readOrExplain(() => readOptions(process.argv.slice(2)), USAGE);
  if (options === undefined) return 2;
  const { requests, seed } = options;
  print(`seed ${seed}`);
  const { fuzzOne, randomFrom } = await loadBundled<Fuzz>(new URL('fuzz.ts', import.meta.url));
  const next = randomFrom(seed);
  const verdicts = new Map<string, number>();
  let slowestMs = 0;
  for (let done = 0; done < requests; done += 1) {
    const before = performance.now();
    try {
      const { verdict } = fuzzOne(next);
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    } catch (error) {
      print(`FAILED  request ${done}, seed ${seed}: ${(error as Error).stack}`);
      print(`${done} passed, 1 failed`);
      return 1;
    }
    slowestMs = Math.max(slowestMs, performance.now() - before);
    if ((done + 1) % 1_000_000 === 0) process.stderr.write(`${done + 1} of ${requests}\n`);
  }
  print([...verdicts].map(([verdict, count]) => `${verdict}: ${count}`).join(', '));
  print(`slowest ${slowestMs.toFixed(1)} ms, pauses of the machine included`);
  const slow = await measureLengths();
  for (const kind of slow) print(`FAILED  more than linear: ${kind}`);
  print(`${requests} passed, ${slow.length} failed`);
  return slow.length === 0 ? 0 : 1;
};

process.exitCode = await main();
