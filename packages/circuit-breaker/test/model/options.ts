import { parseArgs } from 'node:util';

export const USAGE = `model [--steps N] [--seed S]   does the same to a breaker and to its model, N times, and compares them
  --steps N         how many steps; default 10000000
  --seed S          a whole number; default: any
model --faults      plants mistakes in the breaker, each of which must be found
model --interleavings   tries every order of a few calls, trials and changes of state
`;

export interface Options {
  readonly what: 'steps' | 'faults' | 'interleavings';
  readonly steps: number;
  readonly seed: number;
}

const MOST_SEEDS = 2 ** 32;

const readWhole = (name: string, text: string, min: number): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && Number.isSafeInteger(number)) return number;
  throw new RangeError(`--${name} must be a whole number from ${min}; it is '${text}'.`);
};

export const readOptions = (argv: readonly string[]): Options | { readonly mistake: string } => {
  try {
    const { values } = parseArgs({
      // pnpm hands a leading `--` on.
      args: argv[0] === '--' ? argv.slice(1) : [...argv],
      options: {
        steps: { type: 'string', default: '10000000' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * MOST_SEEDS)) },
        faults: { type: 'boolean', default: false },
        interleavings: { type: 'boolean', default: false },
      },
    });
    if (values.faults && values.interleavings) {
      throw new RangeError('Give --faults or --interleavings, one at a time.');
    }
    const runs = values.faults ? 'faults' : values.interleavings ? 'interleavings' : 'steps';
    return {
      what: runs,
      steps: readWhole('steps', values.steps, 1),
      seed: readWhole('seed', values.seed, 0),
    };
  } catch (error) {
    return { mistake: (error as Error).message };
  }
};
