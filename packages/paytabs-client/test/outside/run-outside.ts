import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { print } from '@nestcms/scripts/script-options';
import type { Checkouts } from './checkouts.js';
import { runPaytabsPt2 } from './paytabs-pt2.js';
import { runPhpSdk } from './php-sdk.js';
import { runPhpSignatures } from './php-signatures.js';
import { Steps } from './steps.js';

/**
 * Runs what is given, and tells what is left out.
 * @param folder where the programs of the other languages are
 */
export async function runOutside(
  { php, paytabsPt2 }: Checkouts,
  folder: string,
): Promise<{ passed: number; failed: number }> {
  const steps = new Steps();
  if (php === undefined) print('left out: the PHP SDK');
  else {
    const files = [
      join(php.sdk, 'src/Paytabs.php'),
      join(php.jsonmapper, 'src/JsonMapper.php'),
      join(php.psrLog, 'src/LoggerInterface.php'),
    ];
    if (await areThere(steps, 'The PHP SDK: its checkouts', files)) {
      await runPhpSdk(steps, php, folder);
      await runPhpSignatures(steps, php, folder);
    }
  }
  if (paytabsPt2 === undefined) print('left out: paytabs_pt2');
  else if (await areThere(steps, 'paytabs_pt2: its checkout', [join(paytabsPt2, 'main.js')])) {
    await runPaytabsPt2(steps, paytabsPt2, folder);
  }
  return steps;
}

const areThere = (steps: Steps, name: string, files: readonly string[]): Promise<boolean> =>
  steps.story(name, () =>
    steps.step('there is what is needed of it', () => {
      const missing = files.filter((file) => !existsSync(file));
      if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')}`);
    }),
  );
