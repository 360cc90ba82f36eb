import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Program } from './bundle.ts';
import type { Host } from './hosts.ts';
import { NotHere } from './not-here.ts';

/** One program on one runtime. */
export interface ProgramRun {
  readonly name: string;
  readonly host: Host;
  readonly program: Program;
}

const usageOf = (runs: readonly ProgramRun[]): string => `Usage: runtimes [--only NAME]

  --only NAME   only runtimes whose name begins so: ${runs.map(({ name }) => name).join(' · ')}
`;

const MAIN = `
import { runChecks } from './program.mjs';
console.log(JSON.stringify(await runChecks()));
`;

type Ending = 'passed' | 'failed' | 'not here';

const chosenFrom = (
  argv: readonly string[],
  runs: readonly ProgramRun[],
): readonly ProgramRun[] | string => {
  try {
    const args = argv.filter((argument) => argument !== '--');
    const { values } = parseArgs({ args, options: { only: { type: 'string' } } });
    const only = (values.only ?? '').toLowerCase();
    const chosen = runs.filter(({ name }) => name.toLowerCase().startsWith(only));
    return chosen.length === 0 ? 'No runtime is called so.' : chosen;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

const runOne = async ({ name, host, program }: ProgramRun): Promise<Ending> => {
  const folder = mkdtempSync(join(tmpdir(), 'nestcms-program-'));
  try {
    writeFileSync(join(folder, 'program.mjs'), program.module);
    writeFileSync(join(folder, 'main.mjs'), MAIN);
    const { version, checked } = await host.run({ script: program.script, folder });
    const failed = checked.filter(({ error }) => error !== undefined);
    const skipped = checked.flatMap((check) => check.skipped ?? []);
    const passed = checked.length - failed.length - skipped.length;
    const without = skipped.length === 0 ? '' : ` (${skipped.join(', ')})`;
    console.log(`${name} ${version}: ${passed} of ${checked.length} checks passed${without}`);
    for (const check of failed) console.log(`  FAILED ${check.name}: ${check.error}`);
    return failed.length === 0 && checked.length > 0 ? 'passed' : 'failed';
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.log(`${name}: ${error instanceof NotHere ? 'not run' : 'FAILED'}, ${why}`);
    return error instanceof NotHere ? 'not here' : 'failed';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * Runs programs one after the other and prints a line for each; `--only NAME` chooses among them.
 * Gives the exit code: 1 where one failed, 2 where the arguments are wrong.
 */
export const runPrograms = async (
  argv: readonly string[],
  runs: readonly ProgramRun[],
): Promise<number> => {
  const chosen = chosenFrom(argv, runs);
  if (typeof chosen === 'string') {
    process.stderr.write(`${chosen}\n\n${usageOf(runs)}`);
    return 2;
  }
  const endings: Ending[] = [];
  for (const one of chosen) endings.push(await runOne(one));
  const count = (ending: Ending) => endings.filter((one) => one === ending).length;
  const missing = count('not here');
  const rest = missing === 0 ? '' : `, ${missing} skipped`;
  console.log(`${count('passed')} passed, ${count('failed')} failed${rest}`);
  return count('failed') === 0 ? 0 : 1;
};
