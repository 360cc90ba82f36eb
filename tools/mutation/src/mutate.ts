import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const USAGE = `mutate [--files PATTERN]...   changes the code in thousands of small ways and counts what no test notices
`;

/** Share of the mutants that must be noticed. */
const BAR = 0.95;

/** Patterns that are given take the place of those in the configuration. */
const NO_TESTS = ['!src/**/*.test.ts', '!src/**/*.test-d.ts'];

/** Where a package has its configuration, and what of its survivors is excused. */
const CONFIG = 'test/mutation/stryker.config.json';
const EXCUSES = 'test/mutation/excused.json';
/** Where the configuration has the report written. */
const REPORT = 'temp/mutation.json';

interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

interface Position {
  readonly line: number;
  readonly column: number;
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: Mutant[] }>>;
}

/** A mutant that no test can or should notice, and why. */
interface Excuse {
  readonly file: string;
  readonly mutator: string;
  /** The code that is changed, as it stands; the start of it is enough. */
  readonly code: string;
  readonly reason: string;
}

const readFlags = (argv: readonly string[]): readonly string[] | undefined => {
  try {
    const args = argv[0] === '--' ? argv.slice(1) : argv;
    const { values } = parseArgs({ args, options: { files: { type: 'string', multiple: true } } });
    return values.files ?? [];
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
};

const runStryker = (files: readonly string[]): number => {
  const only = files.length === 0 ? [] : ['--mutate', [...files, ...NO_TESTS].join(',')];
  const { status } = spawnSync('stryker', ['run', CONFIG, ...only], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return status ?? 1;
};

const readJson = <T>(path: string): T =>
  JSON.parse(readFileSync(join(process.cwd(), path), 'utf8')) as T;

/** The code that a mutant takes the place of. */
const codeOf = (source: string, { start, end }: Mutant['location']): string => {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines
    .map((line, index) =>
      line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined),
    )
    .join('\n');
};

const judge = (report: Report, excuses: readonly Excuse[]): number => {
  let noticed = 0;
  let excused = 0;
  const unnoticed: string[] = [];
  for (const [file, { source, mutants }] of Object.entries(report.files)) {
    for (const mutant of mutants) {
      if (mutant.status === 'CompileError' || mutant.status === 'RuntimeError') continue;
      if (mutant.status === 'Killed' || mutant.status === 'Timeout') {
        noticed += 1;
        continue;
      }
      const code = codeOf(source, mutant.location);
      const isExcused = excuses.some(
        (excuse) =>
          excuse.file === file &&
          excuse.mutator === mutant.mutatorName &&
          code.startsWith(excuse.code),
      );
      if (isExcused) excused += 1;
      const { line, column } = mutant.location.start;
      const words = `${file}:${line}:${column} ${mutant.mutatorName} ${mutant.status}`;
      unnoticed.push(
        `${isExcused ? 'excused   ' : 'UNNOTICED '} ${words}: ${code} → ${mutant.replacement}`,
      );
    }
  }
  process.stdout.write(`\n${unnoticed.join('\n')}\n`);
  const all = noticed + unnoticed.length;
  const score = all === 0 ? 1 : noticed / all;
  const open = unnoticed.length - excused;
  process.stdout.write(
    `mutation score ${(100 * score).toFixed(2)} % of ${all} (bar ${100 * BAR} %), ${excused} of ${unnoticed.length} survivors excused\n`,
  );
  process.stdout.write(`${noticed} passed, ${unnoticed.length} failed\n`);
  return score >= BAR && open === 0 ? 0 : 1;
};

/** Runs in the folder of a package, and answers with the exit code. */
export const mutate = (argv: readonly string[]): number => {
  const files = readFlags(argv);
  if (files === undefined) return 2;
  if (runStryker(files) !== 0) return 1;
  return judge(readJson<Report>(REPORT), readJson<Excuse[]>(EXCUSES));
};
