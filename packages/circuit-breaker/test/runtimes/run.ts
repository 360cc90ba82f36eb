/**
 * Runs the same small program, with the sources of the core in it, on every runtime that can be had:
 * `pnpm --filter @nestcms/circuit-breaker run runtimes [--only NAME]`. Prints a line for each.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleProgram, GLOBAL_NAME } from './bundle.ts';
import { HOSTS, type Host, type Program } from './hosts.ts';
import { NotHere } from './not-here.ts';

const USAGE = `Usage: runtimes [--only NAME]

  --only NAME   only runtimes whose name begins so: ${HOSTS.map(({ name }) => name).join(' · ')}
`;

const MAIN = `
import { runChecks } from './program.mjs';
console.log(JSON.stringify(await runChecks()));
`;

type Ending = 'passed' | 'failed' | 'not here';

const readArguments = (): { readonly only: string } | undefined => {
  try {
    const args = process.argv.slice(2).filter((argument) => argument !== '--');
    const { values } = parseArgs({ args, options: { only: { type: 'string' } } });
    return { only: (values.only ?? '').toLowerCase() };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return undefined;
  }
};

const runOn = async (host: Host, program: Program): Promise<Ending> => {
  try {
    const { version, checked } = await host.run(program);
    const failed = checked.filter(({ error }) => error !== undefined);
    const skipped = checked.flatMap(({ skipped }) => skipped ?? []);
    const passed = checked.length - failed.length - skipped.length;
    const without = skipped.length === 0 ? '' : ` (${skipped.join(', ')})`;
    console.log(`${host.name} ${version}: ${passed} of ${checked.length} checks passed${without}`);
    for (const { name, error } of failed) console.log(`  FAILED ${name}: ${error}`);
    return failed.length === 0 && checked.length > 0 ? 'passed' : 'failed';
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    console.log(`${host.name}: ${error instanceof NotHere ? 'not run' : 'FAILED'}, ${why}`);
    return error instanceof NotHere ? 'not here' : 'failed';
  }
};

const main = async (): Promise<number> => {
  const options = readArguments();
  if (options === undefined) return 2;
  const hosts = HOSTS.filter(({ name }) => name.toLowerCase().startsWith(options.only));
  if (hosts.length === 0) {
    process.stderr.write(`No runtime is called so.\n\n${USAGE}`);
    return 2;
  }
  const script = await bundleProgram();
  const folder = mkdtempSync(join(tmpdir(), 'nestcms-program-'));
  try {
    writeFileSync(
      join(folder, 'program.mjs'),
      `${script}\nexport const { hang, runChecks } = ${GLOBAL_NAME};\n`,
    );
    writeFileSync(join(folder, 'main.mjs'), MAIN);
    const endings: Ending[] = [];
    for (const host of hosts) endings.push(await runOn(host, { script, folder }));
    const count = (ending: Ending) => endings.filter((one) => one === ending).length;
    const missing = count('not here');
    const rest = missing === 0 ? '' : `, ${missing} skipped`;
    console.log(`${count('passed')} passed, ${count('failed')} failed${rest}`);
    return count('failed') === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

process.exitCode = await main();
