import { type Answer, randomAnswer } from './answer.js';
import type { HoldKind, PlainOptions } from './model-types.js';
import type { Prng } from './prng.js';
import { EWMA_TICK_MS, lateBy, randomChanges, type Scenario } from './scenario.js';

/** The ways through a breaker: its methods, and pipelines with a time limit outside, inside, or both. */
export const VIAS = [
  'execute',
  'wrap',
  'executeSync',
  'wrapSync',
  'tryAcquire',
  'acquire',
  'alone',
  'outer',
  'inner',
  'both',
] as const;
export type Via = (typeof VIAS)[number];

export interface CallAction {
  readonly do: 'call';
  readonly via: Via;
  /** When the operation ends: when told to, at once, or by throwing at once. */
  readonly ends: 'later' | 'now' | 'throws';
  /** With what, if at once. */
  readonly answer: Answer;
  readonly signal: 'none' | 'empty' | 'own' | 'aborted';
  /** A time limit of this one call, for pipelines. */
  readonly limitMs: number | undefined;
}

/** One thing that can happen to a breaker. `pick` chooses among what there is. */
export type Action =
  | CallAction
  | { readonly do: 'settle'; readonly pick: number; readonly answer: Answer; readonly by: number }
  | { readonly do: 'abort'; readonly pick: number }
  | { readonly do: 'release'; readonly pick: number }
  | { readonly do: 'advance' | 'oversleep' | 'stepBack' | 'stepCalendar'; readonly ms: number }
  | { readonly do: 'import'; readonly pick: number; readonly isSound: boolean }
  | { readonly do: 'hold'; readonly kind: HoldKind }
  | { readonly do: 'trip'; readonly openForMs: number | undefined }
  | { readonly do: 'update'; readonly changes: Partial<PlainOptions> }
  | { readonly do: 'export' }
  | { readonly do: 'reset' }
  | { readonly do: 'shutDown' };

/** One action, or a few without a look in between, and what is done after them. */
export interface Step {
  readonly actions: readonly Action[];
  /** Promises are given time to settle. */
  readonly settles: boolean;
  /** The clock throws meanwhile. */
  readonly breaksClock: boolean;
}

const WEIGHTS: Readonly<Record<Action['do'], number>> = {
  call: 40,
  settle: 40,
  abort: 4,
  advance: 24,
  oversleep: 4,
  stepBack: 2,
  stepCalendar: 1,
  export: 1.5,
  import: 1.5,
  hold: 1.5,
  release: 3,
  trip: 1,
  update: 4,
  reset: 1,
  shutDown: 0.1,
};

/** Makes the steps of one scenario. */
export class Steps {
  readonly #random: Prng;
  readonly #scenario: Scenario;
  #limits = 0;
  /** How often calls fail, at least for a while. */
  #failing: number;
  readonly #weights: Readonly<Record<Action['do'], number>>;

  constructor(random: Prng, scenario: Scenario) {
    this.#random = random;
    this.#scenario = scenario;
    this.#failing = random.pick([0.1, 0.5, 0.9]);
    const isCalm = random.chance(0.5);
    this.#weights = isCalm
      ? { ...WEIGHTS, hold: 0, import: 0.1, update: 0.5, reset: 0.1, trip: 0.1 }
      : WEIGHTS;
  }

  next(): Step {
    const random = this.#random;
    if (random.chance(0.05)) this.#failing = random.pick([0, 0.1, 0.5, 0.9, 1]);
    const actions = [this.#action(random.weighted(this.#weights))];
    while (random.chance(0.15)) actions.push(this.#action(random.weighted(this.#weights)));
    return {
      actions,
      settles: random.chance(0.75),
      breaksClock: random.chance(0.01),
    };
  }

  #action(what: Action['do']): Action {
    const random = this.#random;
    const { tickMs } = this.#scenario;
    switch (what) {
      case 'call':
        return this.#call();
      case 'settle':
        return {
          do: what,
          pick: random.int(0, 1000),
          answer: randomAnswer(random, this.#failing),
          by: random.int(0, 4),
        };
      case 'abort':
      case 'release':
        return { do: what, pick: random.int(0, 1000) };
      case 'advance':
      case 'oversleep':
        return { do: what, ms: this.#ms() };
      case 'stepBack':
        return { do: what, ms: tickMs * random.int(1, 500) };
      case 'stepCalendar':
        return { do: what, ms: tickMs * random.int(-50, 50) };
      case 'import':
        return { do: what, pick: random.int(0, 1000), isSound: random.chance(0.9) };
      case 'hold':
        return { do: what, kind: random.pick(['open', 'closed']) };
      case 'trip':
        return { do: what, openForMs: random.chance(0.5) ? random.int(1, 80) : undefined };
      case 'update':
        return { do: what, changes: randomChanges(random, this.#scenario) };
      case 'export':
      case 'reset':
      case 'shutDown':
        return { do: what };
    }
  }

  #call(): CallAction {
    const random = this.#random;
    const { tickMs } = this.#scenario;
    const ends = random.weighted({ later: 6, now: 3, throws: 1 });
    return {
      do: 'call',
      via: random.pick(VIAS),
      ends,
      answer: randomAnswer(random, ends === 'throws' ? 1 : this.#failing),
      signal: random.weighted({ none: 6, empty: 1, own: 4, aborted: 0.2 }),
      limitMs: tickMs === 1 && random.chance(0.2) ? this.#limitMs() : undefined,
    };
  }

  /** No two are the same. */
  #limitMs(): number {
    this.#limits += 1;
    return this.#random.int(1, 50) + lateBy(1, 'limit') + this.#limits / 4096;
  }

  #ms(): number {
    const random = this.#random;
    const { tickMs } = this.#scenario;
    if (random.chance(0.02)) return 3_600_000;
    // Fading sums are to stay far from the smallest numbers there are.
    if (tickMs === EWMA_TICK_MS) return tickMs * (random.chance(0.9) ? 1 : random.int(2, 8));
    return tickMs * (random.chance(0.8) ? random.int(1, 8) : random.int(5, 40));
  }
}
