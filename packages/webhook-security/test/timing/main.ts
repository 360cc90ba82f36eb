import { parseArgs } from 'node:util';
import { loadBundled } from '@nestcms/scripts/load-bundled';
import { anySeed, print, readOrExplain, readWhole } from '@nestcms/scripts/script-options';

type Timing = typeof import('./subjects.js');

const USAGE = `timing [--samples N] [--seed S] [--self-check]   looks for a difference of time between two kinds of wrong signatures

  --samples N     of each pair of kinds; default 1000000
  --seed S        of the order in which the two kinds take turns; a whole number; default: any
  --self-check    looks at compares of which it is known whether they leak, to see that it would tell
`;

/** Beyond this the two kinds are told apart. */
const MOST = 4.5;
const WARM_UP = 20_000;

const readOptions = (argv: readonly string[]) => {
  const { values } = parseArgs({
    // pnpm hands a leading `--` on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      samples: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: anySeed() },
      'self-check': { type: 'boolean', default: false },
    },
  });
  return {
    samples: readWhole('samples', values.samples, 100),
    seed: readWhole('seed', values.seed, 0),
    selfCheck: values['self-check'],
  };
};

const main = async (): Promise<number> => {
  const options = readOrExplain(() => readOptions(process.argv.slice(2)), USAGE);
  if (options === undefined) return 2;
  const { samples, seed, selfCheck } = options;
  const timing = await loadBundled<Timing>(new URL('subjects.ts', import.meta.url));
  const { DROPPED_SHARE, LEAKING, randomFrom, SUBJECTS, takeSamples, welchT } = timing;
  print(
    `seed ${seed}; ${samples} samples each, of which the slowest ${DROPPED_SHARE * 100} % are dropped`,
  );
  const next = randomFrom(seed);
  let passed = 0;
  let failed = 0;
  const subjects = selfCheck ? LEAKING : SUBJECTS.map((subject) => ({ ...subject, leaks: false }));
  for (const { name, leaks, ...subject } of subjects) {
    const now = () => performance.now();
    const t = welchT(takeSamples(subject, { samples, warmUp: WARM_UP, next, now }));
    const isTold = !(Math.abs(t) < MOST);
    const isRight = isTold === leaks;
    const found = `|t| = ${Math.abs(t).toFixed(2)} ${isTold ? '>=' : '<'} ${MOST}`;
    print(`${isRight ? 'ok    ' : 'FAILED'}  ${name}: ${found}${leaks ? ', as it should be' : ''}`);
    if (isRight) passed += 1;
    else failed += 1;
  }
  if (failed > 0) print(`seed ${seed}`);
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

process.exitCode = await main();
