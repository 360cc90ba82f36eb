import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadBundled } from '@nestcms/scripts/load-bundled';

type CasesOf = typeof import('./cases-of.js');

const USAGE = `vectors FILE...   checks every case of files like those in test/vector-files: webhooks, addresses,
                  Wycheproof HMAC and Ed25519; names each case that comes out otherwise
`;

const readFiles = (argv: readonly string[]): readonly string[] | undefined => {
  try {
    // pnpm hands a leading `--` on.
    const args = argv[0] === '--' ? argv.slice(1) : [...argv];
    const { positionals } = parseArgs({ args, options: {}, allowPositionals: true });
    if (positionals.length === 0) throw new Error('Give one file or more.');
    return positionals;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return undefined;
  }
};

const main = async (): Promise<number> => {
  const files = readFiles(process.argv.slice(2));
  if (files === undefined) return 2;
  const { casesOf } = await loadBundled<CasesOf>(new URL('cases-of.ts', import.meta.url));
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    const path = resolve(process.env['INIT_CWD'] ?? '', file);
    let cases: ReturnType<typeof casesOf>;
    try {
      cases = casesOf(JSON.parse(readFileSync(path, 'utf8')));
    } catch (error) {
      process.stdout.write(`FAILED  ${file}: ${(error as Error).message}\n`);
      failed += 1;
      continue;
    }
    process.stdout.write(`${file}: ${cases.length} cases\n`);
    for (const { id, run } of cases) {
      const found = await run().catch((error: unknown) => `an error: ${String(error)}`);
      if (found === undefined) {
        passed += 1;
        continue;
      }
      failed += 1;
      process.stdout.write(`FAILED  ${id}: ${found}\n`);
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
};

process.exitCode = await main();
