import type { Fact } from '../../src/intents/fact.js';
import type { Intent } from '../../src/intents/intent.js';

/**
 * How the bank decides. `silent`: the gateway says that it got no answer (401); `waits`: it is to be paid elsewhere, or a
 * person has to look. Both are decided later.
 */
export type Decision = 'approved' | 'declined' | 'silent' | 'waits';

/** A transaction at the gateway. */
export interface Movement {
  readonly decision: Decision;
  readonly at: number;
  /** Whether a query shows it already. */
  readonly isVisible: boolean;
  /** Somebody else's, under the same reference and with another amount. */
  readonly isForeign?: boolean;
}

/** What the gateway has of one reference. */
export interface GatewayTry {
  /** Requests on their way to it, by when they were sent. */
  readonly arriving: readonly number[];
  readonly movements: readonly Movement[];
  /** A page that was made, and when. */
  readonly pageAt?: number;
}

/** Where a process of the shop is. It may stand still in any of these for as long as it likes, or die. */
export type Process =
  | { readonly at: 'idle' }
  /** It has decided to try; nothing is stored or sent yet. */
  | { readonly at: 'deciding'; readonly reference: number }
  /** The intent is stored. */
  | { readonly at: 'stored'; readonly reference: number }
  /** The request has left. */
  | { readonly at: 'waiting'; readonly reference: number; readonly answers: readonly Fact[] }
  /** It knows something. Where the store does not compare, it has also read what is stored. */
  | {
      readonly at: 'knowing';
      readonly reference: number;
      readonly fact: Fact;
      readonly read?: Intent;
    }
  /** It has an end to tell the books. */
  | { readonly at: 'telling'; readonly reference: number; readonly ended: Intent }
  /** The books have it; it must still say so. */
  | { readonly at: 'told'; readonly reference: number; readonly ended: Intent };

/** What the merchant's books say of a reference. */
export type Booked = 'paid' | 'unpaid' | 'person';

/** What the books say, and which revision of the intent they have it from. */
export interface Entry {
  readonly says: Booked;
  readonly revision: number;
}

/** Everything there is, at one moment. Plain and immutable. */
export interface World {
  readonly time: number;
  readonly store: readonly (Intent | undefined)[];
  readonly gateway: readonly GatewayTry[];
  readonly processes: readonly Process[];
  readonly books: readonly (Entry | undefined)[];
  /** Pages that the shopper sees. */
  readonly shown: readonly boolean[];
  readonly crashesLeft: number;
  /** Notices that say "paid" whatever is true: old ones, and forged ones. */
  readonly noticesLeft: number;
}

/** An action that is possible in a world, and what comes of it. */
export interface Step {
  readonly name: string;
  readonly world: World;
}

/** The two tries a merchant makes for one order. */
export const references = [0, 1] as const;

export const cartIdOf = (reference: number): string => `order.${reference + 1}`;

/** Longer than any wait: what lies further apart is told apart by its order alone. */
const longest = 3;

/**
 * Names for the times of a world. What happens next depends on the order of times and on how far they are apart, up to the
 * longest wait; neither on the hour nor on how long ago something old was.
 */
class Times {
  readonly #known = new Set<number>();
  readonly #names = new Map<number, number>();

  add(time: number): number {
    this.#known.add(time);
    return time;
  }

  settle(): void {
    const sorted = [...this.#known].sort((left, right) => left - right);
    let name = 0;
    sorted.forEach((time, index) => {
      const gap = index === 0 ? 0 : time - (sorted[index - 1] as number);
      name += Math.min(gap, longest);
      this.#names.set(time, name);
    });
  }

  of(time: number): number {
    return this.#names.get(time) as number;
  }
}

/** A piece of a key: text, or a time that gets its name when all times are known. */
type Piece = string | number | { readonly time: number };

const stateKey = ({ state }: Intent): Piece[] => {
  if ('seen' in state) return [state.name, state.seen.tranRef, state.seen.status];
  const reason = 'reason' in state ? state.reason : '';
  const tranRef = 'tranRef' in state ? state.tranRef : '';
  const expiresAt = 'expiresAt' in state ? [{ time: state.expiresAt.getTime() }] : [];
  return [state.name, reason, tranRef, ...expiresAt];
};

const endNames = new Set(['done', 'refused', 'notSent', 'notFound', 'lapsed', 'disputed']);

/** How often it was asked makes no difference here, for all waits are alike. */
const intentKey = (intent: Intent | undefined): Piece[] => {
  if (intent === undefined) return ['-'];
  const { begunAt, since, dueAt, sendBefore, checks, acknowledged } = intent;
  const common = [...stateKey(intent), Number(acknowledged)];
  // An end is told at once: it is due until it is heard.
  if (endNames.has(intent.state.name)) return common;
  const waits = intent.state.name === 'pending' || 'tranRef' in intent.state;
  return [
    ...common,
    ...(dueAt === undefined ? [] : [{ time: dueAt.getTime() }]),
    ...(waits ? [{ time: since.getTime() }] : []),
    { time: begunAt.getTime() },
    { time: sendBefore.getTime() },
    Math.min(checks.nothing, 3),
  ];
};

const factKey = (fact: Fact): Piece[] => {
  const rows = fact.kind === 'checked' ? fact.rows : fact.kind === 'answered' ? [fact.row] : [];
  const seen = rows.flatMap(({ tranRef, status, cartAmount, time }) => [
    `${tranRef}${status}${cartAmount.minor}`,
    { time: time?.getTime() ?? 0 },
  ]);
  const more =
    fact.kind === 'lost' ? fact.reason : fact.kind === 'acknowledged' ? fact.state.name : '';
  return [fact.kind, more, { time: fact.at.getTime() }, ...seen];
};

const processKey = (process: Process, world: World): Piece[] => {
  switch (process.at) {
    case 'idle':
      return ['-'];
    case 'deciding':
    case 'stored':
      return [process.at, process.reference];
    case 'waiting':
      return ['w', process.reference, ...process.answers.flatMap(factKey)];
    case 'knowing': {
      const { reference, read } = process;
      const isCurrent = read !== undefined && read.revision === world.store[reference]?.revision;
      const known = isCurrent ? ['current'] : intentKey(read);
      return ['k', reference, ...factKey(process.fact), '/', ...known];
    }
    default: {
      const { reference, ended: told } = process;
      // Whether it is news to the books, and to the store.
      const isNews = told.revision > (world.books[reference]?.revision ?? -1);
      return [process.at, reference, ...stateKey(told), Number(isNews)];
    }
  }
};

const gatewayKey = ({ arriving, movements, pageAt }: GatewayTry): Piece[] => [
  ...arriving.map((time) => ({ time })),
  '|',
  ...movements.flatMap((each) => [
    each.decision,
    Number(each.isVisible),
    Number(each.isForeign ?? false),
    { time: each.at },
  ]),
  '|',
  ...(pageAt === undefined ? [] : [{ time: pageAt }]),
];

/** Two worlds with the same key have the same future. The order of the processes makes no difference. */
export function keyOf(world: World): string {
  const parts: Piece[][] = [
    [{ time: world.time }],
    ...world.store.map(intentKey),
    ...world.gateway.map(gatewayKey),
    [
      ...world.books.map((each) => each?.says ?? '-'),
      ...world.shown.map(Number),
      world.crashesLeft,
      world.noticesLeft,
    ],
  ];
  const processes = world.processes.map((process) => processKey(process, world));
  const times = new Times();
  for (const part of [...parts, ...processes]) {
    for (const piece of part) if (typeof piece === 'object') times.add(piece.time);
  }
  times.settle();
  // Counted from now, so that the same situation has the same name an hour later.
  const now = times.of(world.time);
  const write = (part: readonly Piece[]) =>
    part.map((piece) => (typeof piece === 'object' ? times.of(piece.time) - now : piece)).join(',');
  return [...parts.map(write), ...processes.map(write).sort()].join('#');
}
