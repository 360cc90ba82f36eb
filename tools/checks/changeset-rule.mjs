// @ts-check
/** A changed API report needs a changeset that names its package. */
import { parseArgs } from 'node:util';
import { undeclaredChanges } from './lib/changesets.mjs';
import { PROJECT_ROOT } from './lib/packages.mjs';

const USAGE = `Usage: node tools/checks/changeset-rule.mjs [--base COMMIT]

  --base COMMIT   compare with this commit (a pull request's base); without it every package is
                  compared with its last release
`;

process.exitCode = main(process.argv.slice(2));

/**
 * @param {string[]} args
 * @returns {number} exit code
 */
function main(args) {
  /** @type {string | undefined} */
  let base;
  try {
    base = parseArgs({ args, options: { base: { type: 'string' } } }).values.base;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  try {
    const undeclared = undeclaredChanges(PROJECT_ROOT, base);
    for (const { name, reports } of undeclared) {
      process.stderr.write(
        `The surface of ${name} changed (${reports.join(', ')}) and no changeset names it.\n`,
      );
    }
    if (undeclared.length > 0) {
      process.stderr.write('Add one with "pnpm run changeset" and commit it.\n');
      return 1;
    }
    process.stdout.write('Every changed surface has its changeset.\n');
    return 0;
  } catch (error) {
    process.stderr.write(`git could not tell what changed: ${String(error)}\n`);
    return 1;
  }
}
