// @ts-check
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { COMMIT, REPOSITORY } from './expected.mjs';

export const USAGE = `Usage: pnpm run opossum-suite DIR

Runs the tests of opossum against the facade of this package.

  DIR      a checkout of ${REPOSITORY}
           at ${COMMIT}; it is cloned if there is no such folder
  --help   print this
`;

/**
 * @param {string[]} argv
 * @param {string} from what DIR is relative to
 * @returns {{ mistake: string } | { help: boolean, directory: string }}
 */
export function readArguments(argv, from) {
  const rest = argv[0] === '--' ? argv.slice(1) : argv;
  let parsed;
  try {
    parsed = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { help: { type: 'boolean', default: false } },
    });
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  const [directory, more] = positionals;
  if (values.help) return { help: true, directory: from };
  if (directory === undefined) return { mistake: 'DIR is missing.' };
  if (more !== undefined) return { mistake: `There is one DIR; '${more}' is too much.` };
  return { help: false, directory: resolve(from, directory) };
}
