// @ts-check
import { existsSync } from 'node:fs';
import { run, SuiteError } from './command.mjs';
import { COMMIT, REPOSITORY } from './expected.mjs';

/**
 * Makes sure that `directory` holds the suite as it was published.
 * @param {string} directory cloned if it is not there
 * @param {(text: string) => void} say
 */
export function prepareCheckout(directory, say) {
  if (!existsSync(directory)) {
    say(`cloning ${REPOSITORY}`);
    run('git', ['clone', '--quiet', REPOSITORY, directory]);
    run('git', ['checkout', '--quiet', '--detach', COMMIT], { cwd: directory });
  }
  const commit = run('git', ['rev-parse', 'HEAD'], { cwd: directory }).trim();
  if (commit !== COMMIT) {
    throw new SuiteError(
      `The checkout is at ${commit}. Its tests are known at ${COMMIT}: git checkout ${COMMIT}`,
    );
  }
  const changed = run('git', ['status', '--porcelain', '--', 'test'], { cwd: directory }).trim();
  if (changed !== '') throw new SuiteError(`The tests of the checkout were changed:\n${changed}`);
}
