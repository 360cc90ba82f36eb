import { load } from './bundle.ts';
import { FAULTS } from './faults.ts';
import { type Options, readOptions, USAGE } from './options.ts';

type Campaign = typeof import('./campaign.js');
type Interleavings = typeof import('./interleavings.js');

/** Steps within which each planted fault must be found. */
const STEPS_PER_FAULT = 100_000;

/** Calls, trials and changes of state whose every order is tried. */
const BOUNDS = [
  { calls: 4, trials: 2, maxConcurrent: 1, transitions: 3, byHand: false },
  { calls: 4, trials: 2, maxConcurrent: 2, transitions: 3, byHand: false },
  { calls: 3, trials: 2, maxConcurrent: 1, transitions: 3, byHand: true },
] as const;

interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Tells how far it is, at most twice a second. */
const progressOf = (all: number, what: string): ((done: number) => void) => {
  const started = performance.now();
  let last = started;
  return (done) => {
    const now = performance.now();
    if (now - last < (process.stderr.isTTY ? 500 : 10_000)) return;
    last = now;
    const share = Number.isFinite(all) ? ` of ${all}` : '';
    const speed = Math.round((1000 * done) / (now - started));
    const words = `${done}${share} ${what}, ${speed} a second`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${words}` : `${words}\n`);
  };
};

const endProgress = (): void => {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
};

const runSteps = async ({ steps, seed }: Options): Promise<Tally> => {
  const { search, inWords } = await load<Campaign>('campaign.ts');
  const finding = await search(seed, steps, progressOf(steps, 'steps'));
  endProgress();
  if (finding === undefined) return { passed: steps, failed: 0 };
  print(inWords(finding));
  print(`seed ${seed}`);
  return { passed: finding.steps - 1, failed: 1 };
};

const runFaults = async ({ seed }: Options): Promise<Tally> => {
  let passed = 0;
  for (const fault of FAULTS) {
    const { search } = await load<Campaign>('campaign.ts', fault);
    const finding = await search(seed, STEPS_PER_FAULT);
    if (finding === undefined) print(`NOT FOUND  ${fault.name}, seed ${seed}`);
    else {
      passed += 1;
      const [difference] = finding.message.split('\n');
      print(
        `found after ${String(finding.steps).padStart(6)} steps: ${fault.name} (${difference})`,
      );
    }
  }
  return { passed, failed: FAULTS.length - passed };
};

const runInterleavings = async (): Promise<Tally> => {
  const { exploreInterleavings } = await load<Interleavings>('interleavings.ts');
  let passed = 0;
  for (const bounds of BOUNDS) {
    try {
      const found = exploreInterleavings(bounds, progressOf(Number.POSITIVE_INFINITY, 'orders'));
      endProgress();
      print(`${found} orders of ${JSON.stringify(bounds)}`);
      passed += found;
    } catch (error) {
      endProgress();
      print((error as Error).message);
      return { passed, failed: 1 };
    }
  }
  return { passed, failed: 0 };
};

const RUNS = { steps: runSteps, faults: runFaults, interleavings: runInterleavings } as const;

const main = async (argv: readonly string[]): Promise<number> => {
  const options = readOptions(argv);
  if ('mistake' in options) {
    process.stderr.write(`${options.mistake}\n${USAGE}`);
    return 2;
  }
  print(`seed ${options.seed}`);
  const started = performance.now();
  const { passed, failed } = await RUNS[options.what](options);
  print(`${((performance.now() - started) / 1000).toFixed(1)} s`);
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

process.exitCode = await main(process.argv.slice(2));
