import { parseArgs } from 'node:util';
import type { Settings } from './settings.ts';

/** What a benchmark can be asked for. */
export interface Choice {
  readonly groups: readonly string[];
  readonly rounds: number;
  /** Rounds with `--quick`. */
  readonly quickRounds: number;
}

export const usage = ({
  groups,
  rounds,
  quickRounds,
}: Choice): string => `Usage: pnpm run bench [options]

  --rows a,b     only these groups of rows: ${groups.join(', ')}
  --only a,b     the same
  --rounds N     rounds of each comparison, default ${rounds}
  --quick        ${quickRounds} rounds, and without what takes longest: to see that it runs
  --write        rewrite bench/RESULTS.md
`;

export interface BenchOptions extends Settings {
  readonly rows: readonly string[];
  readonly write: boolean;
  readonly help: boolean;
}

export const readOptions = (
  argv: readonly string[],
  { groups, rounds: usual, quickRounds }: Choice,
): BenchOptions | { readonly mistake: string } => {
  try {
    const { values } = parseArgs({
      args: argv[0] === '--' ? argv.slice(1) : [...argv],
      options: {
        rows: { type: 'string' },
        only: { type: 'string' },
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const { quick, write, help } = values;
    const rows = (values.rows ?? values.only)?.split(',') ?? groups;
    const unknown = rows.filter((row) => !groups.includes(row));
    if (unknown.length > 0) return { mistake: `There are no rows '${unknown.join(', ')}'.` };
    const rounds = Number(values.rounds ?? (quick ? quickRounds : usual));
    if (!Number.isSafeInteger(rounds) || rounds < 1) {
      return { mistake: `--rounds must be a whole number from 1, not '${values.rounds}'.` };
    }
    return { rows, rounds, quick, write, help };
  } catch (error) {
    return { mistake: error instanceof Error ? error.message : String(error) };
  }
};
