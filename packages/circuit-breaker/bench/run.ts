import { buildOurs } from './support/build.ts';
import type { Findings } from './support/findings.ts';
import { inChild } from './support/in-child.ts';
import { readOptions, USAGE } from './support/options.ts';
import { asText, writeResults } from './support/report.ts';

/** The groups of rows, in the order in which they run. */
const GROUPS = [
  'closed',
  'pipeline',
  'alone',
  'open',
  'failure',
  'crowd',
  'sync',
  'observers',
  'bytes',
  'idle',
  'life',
  'stats',
  'size',
  'profile',
] as const;

const main = async (argv: readonly string[]): Promise<number> => {
  const options = readOptions(argv, GROUPS);
  if ('mistake' in options) {
    process.stderr.write(`${options.mistake}\n\n${USAGE(GROUPS)}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE(GROUPS));
    return 0;
  }
  const { rows, rounds, write } = options;
  const started = performance.now();
  note('building the package');
  await buildOurs();
  const found: Findings[] = [];
  for (const row of rows) {
    const url = new URL(`./rows/${row}.ts`, import.meta.url).href;
    const findings = await inChild<Findings>(
      { url, name: 'run', settings: { rounds } },
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
  if (write) writeResults(all, { rounds, rows, seconds });
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

process.exitCode = await main(process.argv.slice(2));
