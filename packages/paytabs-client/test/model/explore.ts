import type { IntentState } from '../../src/index.js';
import { bookingOf, type Client, type Setting, stepsOf } from './steps.js';
import { keyOf, references, type World } from './world.js';

/** What exploring found. */
export interface Exploration {
  readonly states: number;
  readonly steps: number;
  /** How intents moved, as `unknown → done`. */
  readonly moves: ReadonlySet<string>;
  /** A shortest way to a world that must not be, and what is wrong there. */
  readonly counterexample?: { readonly wrong: string; readonly way: readonly string[] };
}

const emptyTry = { arriving: [], movements: [] };

/** Before anything has happened. */
export const startOf = (
  setting: Setting,
  { crashes, notices, processes = 2 }: { crashes: number; notices: number; processes?: number },
): World => ({
  time: 0,
  store: [undefined, undefined],
  gateway: [
    setting.foreign
      ? {
          arriving: [],
          movements: [{ decision: 'approved', at: 0, isVisible: true, isForeign: true }],
        }
      : emptyTry,
    emptyTry,
  ],
  processes: Array.from({ length: processes }, () => ({ at: 'idle' as const })),
  books: [undefined, undefined],
  shown: [false, false],
  crashesLeft: crashes,
  noticesLeft: notices,
});

const approvedOf = (world: World, reference: number) =>
  world.gateway[reference]?.movements.filter(
    ({ decision, isForeign }) => decision === 'approved' && !isForeign,
  ) ?? [];

/** What must never be, whatever comes after. */
function wrongNow(world: World): string | undefined {
  const approved = references.flatMap((reference) => approvedOf(world, reference));
  if (approved.length > 1) return 'the shopper was charged twice';
  for (const reference of references) {
    const taken = approvedOf(world, reference).length > 0;
    const booked = world.books[reference]?.says;
    if (booked === 'paid' && !taken) return 'the books say paid, and nothing was';
    if (booked === 'unpaid' && taken) return 'the shopper paid, and the books say he did not';
    const isKnown =
      world.store[reference] !== undefined ||
      world.processes.some((each) => 'reference' in each && each.reference === reference);
    if (taken && !isKnown) return 'the shopper paid, and nobody knows of it';
    const intent = world.store[reference];
    const isOver = intent?.acknowledged && world.processes.every(({ at }) => at === 'idle');
    if (isOver && booked !== bookingOf(intent)) return 'the books have not heard of the end';
  }
  return undefined;
}

/** Everything that was begun has ended, and the books have heard it. */
function isSettled(world: World): boolean {
  if (world.processes.some(({ at }) => at !== 'idle')) return false;
  return references.every((reference) => {
    const intent = world.store[reference];
    if (intent === undefined) return approvedOf(world, reference).length === 0;
    return intent.acknowledged && world.books[reference]?.says === bookingOf(intent);
  });
}

/** Walks through everything that can happen, until nothing new does or something is wrong. */
export function explore(start: World, client: Client, setting: Setting): Exploration {
  const indexOf = new Map([[keyOf(start), 0]]);
  const worlds: World[] = [start];
  const cameFrom: number[] = [-1];
  const cameBy: string[] = [''];
  const leadsTo: number[][] = [];
  const settled: number[] = [];
  const moves = new Set<string>();
  let steps = 0;
  const wayTo = (index: number): string[] => {
    const way: string[] = [];
    for (let at = index; at > 0; at = cameFrom[at] as number) way.unshift(cameBy[at] as string);
    return way;
  };
  const found = (wrong: string, index: number): Exploration => ({
    states: worlds.length,
    steps,
    moves,
    counterexample: { wrong, way: wayTo(index) },
  });
  for (let index = 0; index < worlds.length; index += 1) {
    const world = worlds[index] as World;
    const wrong = wrongNow(world);
    if (wrong !== undefined) return found(wrong, index);
    if (isSettled(world)) settled.push(index);
    const next: number[] = [];
    for (const step of stepsOf(world, client, setting)) {
      steps += 1;
      noteMoves(world, step.world, moves);
      const key = keyOf(step.world);
      let at = indexOf.get(key);
      if (at === undefined) {
        at = worlds.length;
        indexOf.set(key, at);
        worlds.push(step.world);
        cameFrom.push(index);
        cameBy.push(step.name);
      }
      next.push(at);
    }
    leadsTo.push(next);
    // What was left behind is not looked at again.
    worlds[index] = undefined as never;
  }
  const stuck = firstThatCannotReach(settled, leadsTo);
  if (stuck !== undefined) return found('from here the books never get right', stuck);
  return { states: worlds.length, steps, moves };
}

function noteMoves(before: World, after: World, moves: Set<string>): void {
  for (const reference of references) {
    const [from, to] = [before.store[reference]?.state, after.store[reference]?.state];
    if (from !== undefined && to !== undefined && !isSame(from, to)) {
      moves.add(`${from.name} → ${to.name}`);
    }
  }
}

/** A reference that is learned later, or another reason, is a move too: the client tells it. */
const isSame = (from: IntentState, to: IntentState): boolean =>
  from === to ||
  (from.name === to.name &&
    JSON.stringify(from, bigIntAsText) === JSON.stringify(to, bigIntAsText));

const bigIntAsText = (_: string, value: unknown) =>
  typeof value === 'bigint' ? String(value) : value;

/** The first world from which none of the goals can be reached any more. */
function firstThatCannotReach(
  goals: readonly number[],
  leadsTo: readonly (readonly number[])[],
): number | undefined {
  const comesFrom: number[][] = leadsTo.map(() => []);
  leadsTo.forEach((next, index) => {
    for (const at of next) comesFrom[at]?.push(index);
  });
  const reaches = new Uint8Array(leadsTo.length);
  const open = [...goals];
  for (const goal of goals) reaches[goal] = 1;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const before of comesFrom[at] ?? []) {
      if (reaches[before] === 1) continue;
      reaches[before] = 1;
      open.push(before);
    }
  }
  const stuck = reaches.indexOf(0);
  return stuck === -1 ? undefined : stuck;
}
