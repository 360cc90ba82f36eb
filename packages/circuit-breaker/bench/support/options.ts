import { parseArgs } from 'node:util';

const DEFAULT_ROUNDS = 11;

export const USAGE = (groups: readonly string[]): string => `Usage: pnpm run bench [options]

  --rows a,b     only these groups of rows: ${groups.join(', ')}
  --rounds N     rounds of each comparison, default ${DEFAULT_ROUNDS}
  --write        rewrite bench/RESULTS.md
`;

export interface BenchOptions {
  readonly rows: readonly string[];
  readonly rounds: number;
  readonly write: boolean;
  readonly help: boolean;
}

export const readOptions = (
  argv: readonly string[],
  groups: readonly string[],
): BenchOptions | { readonly mistake: string } => {
  try {
    const { values } = parseArgs({
      args: argv[0] === '--' ? argv.slice(1) : [...argv],
      options: {
        rows: { type: 'string' },
        rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const rows = values.rows?.split(',') ?? groups;
    const unknown = rows.filter((row) => !groups.includes(row));
    if (unknown.length > 0) return { mistake: `There are no rows '${unknown.join(', ')}'.` };
    const rounds = Number(values.rounds);
    if (!Number.isSafeInteger(rounds) || rounds < 1) {
      return { mistake: `--rounds must be a whole number from 1, not '${values.rounds}'.` };
    }
    return { rows, rounds, write: values.write, help: values.help };
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
};
