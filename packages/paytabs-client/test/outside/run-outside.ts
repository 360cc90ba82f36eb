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
    await runPhpSdk(steps, php, folder);
    await runPhpSignatures(steps, php, folder);
  }
  if (paytabsPt2 === undefined) print('left out: paytabs_pt2');
  else await runPaytabsPt2(steps, paytabsPt2, folder);
  return steps;
}
