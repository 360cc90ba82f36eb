import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadBundled } from '@nestcms/scripts/load-bundled';
import { print, readOrExplain } from '@nestcms/scripts/script-options';
import type { Checkouts } from './checkouts.js';

type Outside = typeof import('./run-outside.js');

const USAGE = `outside --php-sdk DIR --jsonmapper DIR --psr-log DIR   the vendor's PHP SDK
outside --paytabs-pt2 DIR                              the npm package paytabs_pt2

  Lets clients that others wrote, unchanged, drive the simulator. README.md beside this file says where to get them.
  Both may be given at once; what is not given is left out.
`;

const readOptions = (argv: readonly string[]): Checkouts => {
  const { values } = parseArgs({
    // pnpm hands a leading `--` on.
    args: argv[0] === '--' ? argv.slice(1) : [...argv],
    options: {
      'php-sdk': { type: 'string' },
      jsonmapper: { type: 'string' },
      'psr-log': { type: 'string' },
      'paytabs-pt2': { type: 'string' },
    },
  });
  const folderOf = (given: string) => resolve(process.env.INIT_CWD ?? '', given);
  const { 'php-sdk': sdk, jsonmapper, 'psr-log': psrLog, 'paytabs-pt2': paytabsPt2 } = values;
  const ofPhp = [sdk, jsonmapper, psrLog].filter((given) => given !== undefined);
  if (ofPhp.length === 1 || ofPhp.length === 2) {
    throw new Error('The PHP SDK takes --php-sdk, --jsonmapper and --psr-log, all three.');
  }
  if (ofPhp.length === 0 && paytabsPt2 === undefined) {
    throw new Error('Give the checkouts of one client or more.');
  }
  return {
    ...(sdk !== undefined && jsonmapper !== undefined && psrLog !== undefined
      ? { php: { sdk: folderOf(sdk), jsonmapper: folderOf(jsonmapper), psrLog: folderOf(psrLog) } }
      : {}),
    ...(paytabsPt2 === undefined ? {} : { paytabsPt2: folderOf(paytabsPt2) }),
  };
};

const main = async (): Promise<number> => {
  const checkouts = readOrExplain(() => readOptions(process.argv.slice(2)), USAGE);
  if (checkouts === undefined) return 2;
  const { runOutside } = await loadBundled<Outside>(new URL('run-outside.ts', import.meta.url));
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const { passed, failed } = await runOutside(checkouts, folder);
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
};

process.exitCode = await main();
