import { client, settings } from './client.js';
import { type Exploration, explore, startOf } from './explore.js';
import { faults } from './faults.js';
import { legalMoves } from './legal-moves.js';

/** One walk, as it is told. */
export interface Walk {
  readonly isRight: boolean;
  readonly lines: readonly string[];
}

const wayOf = ({ counterexample }: Exploration): string[] =>
  counterexample === undefined
    ? []
    : [...counterexample.way, `→ ${counterexample.wrong}`].map((step) => `          ${step}`);

/** The client as it is in every setting, and then each planted fault. */
export function walks(left: { crashes: number; notices: number }): readonly (() => Walk)[] {
  const seen = new Set<string>();
  const whole = Object.entries(settings).map(([name, setting]) => () => {
    const found = explore(startOf(setting, left), client, setting);
    for (const move of found.moves) seen.add(move);
    const isRight = found.counterexample === undefined;
    const what = `${name}: ${found.states} states, ${found.steps} steps`;
    return { isRight, lines: [`${isRight ? 'ok     ' : 'FAILED '} ${what}`, ...wayOf(found)] };
  });
  const planted = faults.map((fault) => () => {
    const { name, setting, crashes = 0, notices = 0 } = fault;
    const found = explore(startOf(setting, { crashes, notices }), fault.client, setting);
    const isFound = found.counterexample !== undefined;
    const said = isFound ? 'found out' : 'not found out';
    const line = `${isFound ? 'ok     ' : 'FAILED '} ${said} in ${found.states} states: ${name}`;
    return { isRight: isFound, lines: [line, ...wayOf(found)] };
  });
  // What runs with real processes are held against: with more crashes and notices more of them are seen.
  const moves = () => {
    const isRight = [...seen].every((move) => legalMoves.has(move));
    const list = [...seen].sort().map((move) => `          ${move}`);
    const title = `${seen.size} of the ${legalMoves.size} moves there are`;
    return { isRight, lines: [`${isRight ? 'ok     ' : 'FAILED '} ${title}`, ...list] };
  };
  return [...whole, moves, ...planted];
}
