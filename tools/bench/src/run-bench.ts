import type { Findings } from './findings.ts';
import { inChild } from './in-child.ts';
import { type Choice, readOptions, usage } from './options.ts';
import { asText, writeResults } from './report.ts';

export interface Bench extends Choice {
  /** The folder of the benchmark: `rows/<group>.ts` has a `run` for each group. */
  readonly home: URL;
  readonly build: () => Promise<void>;
}

/** Runs the groups that are asked for, each in a process of its own. Gives the exit code. */
export const runBench = async (bench: Bench, argv: readonly string[]): Promise<number> => {
  const options = readOptions(argv, bench);
  if ('mistake' in options) {
    process.stderr.write(`${options.mistake}\n\n${usage(bench)}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage(bench));
    return 0;
  }
  const { rows, rounds, quick, write } = options;
  const started = performance.now();
  note('building the package');
  await bench.build();
  const found: Findings[] = [];
  for (const row of rows) {
    const url = new URL(`rows/${row}.ts`, bench.home).href;
    const findings = await inChild<Findings>(
      { url, name: 'run', settings: { rounds, quick } },
      { note: (progress) => note(`${row}: ${progress}`) },
    );
    endNote();
    process.stdout.write(asText({ verdicts: [], tables: findings.tables }));
    found.push(findings);
  }
  const all: Findings = {
    verdicts: found.flatMap(({ verdicts }) => verdicts),
    tables: found.flatMap(({ tables }) => tables),
  };
  process.stdout.write(asText({ verdicts: all.verdicts, tables: [] }));
  const seconds = Math.round((performance.now() - started) / 1000);
  if (write) {
    writeResults(new URL('RESULTS.md', bench.home), all, { rounds, rows, seconds });
  }
  const judged = all.verdicts.filter(({ met }) => met !== undefined);
  const failed = judged.filter(({ met }) => !met).length;
  process.stdout.write(`${judged.length - failed} passed, ${failed} failed (${seconds} s)\n`);
  return failed === 0 ? 0 : 1;
};

/** The last word on how far it is; on a terminal in place of the one before. */
const note = (progress: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${progress}`);
  else process.stderr.write(`${progress}\n`);
};

const endNote = (): void => {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
};
