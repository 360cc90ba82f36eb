import type { Outcome, Permit } from '../../src/index.js';
import { compare, type Progress } from './compare.js';
import { Difference, same } from './difference.js';
import { EVENTS } from './event.js';
import type { Call, PlainOptions } from './model-types.js';
import { ModelledBreaker } from './modelled-breaker.js';
import { byHand, trip } from './reference-model.js';
import type { Scenario } from './scenario.js';
import { SteppingClock } from './stepping-clock.js';
import { TestedBreaker } from './tested-breaker.js';

/** How much there may be of each in one interleaving. */
export interface Bounds {
  /** Calls begun while it is closed. */
  readonly calls: number;
  /** Calls begun while it is half-open. */
  readonly trials: number;
  /** Trials at the same time. */
  readonly maxConcurrent: number;
  /** Changes of state, of whatever cause. */
  readonly transitions: number;
  /** Whether it is also opened and closed by hand. */
  readonly byHand: boolean;
}

/** One thing that happens; `ends` is the place among the running calls, the oldest first. */
type Move =
  | 'call'
  | 'time'
  | 'trip'
  | 'reset'
  | { readonly ends: number; readonly as: 'success' | 'failure' | 'ignore' };

const ENDS = ['success', 'failure', 'ignore'] as const;
const OUTCOME_OF: Readonly<Record<(typeof ENDS)[number], Outcome>> = {
  success: 'success',
  failure: 'failure',
  ignore: 'ignored',
};
const TRANSITIONS: readonly string[] = ['opened', 'halfOpened', 'closed'];

const OPTIONS: PlainOptions = {
  mode: 'enforcing',
  window: { kind: 'count', size: 4 },
  failureRate: 0.5,
  minimumCalls: 2,
  consecutiveFailures: false,
  slowCalls: false,
  latency: false,
  classify: false,
  openForMs: 50,
  halfOpen: {
    trials: 2,
    successRate: 1,
    maxConcurrent: 1,
    maxDurationMs: 70,
    maxWaiting: 0,
    maxWaitMs: 10,
  },
  rampUp: false,
  sharedRejection: false,
};

const scenarioOf = ({ maxConcurrent }: Bounds): Scenario => ({
  options: { ...OPTIONS, halfOpen: { ...OPTIONS.halfOpen, maxConcurrent } },
  random: 'half',
  heard: EVENTS,
  failing: [],
  tickMs: 1,
  slackMs: 0,
  looksEvery: 1,
  innerMs: 10,
  outerMs: 20,
});

/** A breaker and its model, brought by moves to where they are. */
class Run {
  readonly #bounds: Bounds;
  readonly #tested: TestedBreaker;
  readonly #model: ModelledBreaker;
  readonly #progress: Progress = { events: 0 };
  readonly #running: (readonly [Permit, Call])[] = [];
  #calls = 0;
  #trials = 0;
  #told = 0;
  #transitions = 0;

  /** @param clock one for all runs, for each clock has its own queues */
  constructor(scenario: Scenario, bounds: Bounds, clock: SteppingClock) {
    this.#bounds = bounds;
    this.#tested = new TestedBreaker(scenario, clock);
    this.#model = new ModelledBreaker(scenario);
    this.#model.b.now = clock.now();
  }

  /** Leaves no timer behind. */
  end(): void {
    this.#tested.breaker.shutDown();
  }

  /** The moves that can follow. */
  get moves(): Move[] {
    const { calls, trials, transitions } = this.#bounds;
    const { b } = this.#model;
    const moves: Move[] = [];
    if (this.#transitions > transitions) return moves;
    if (b.kind === 'closed' && this.#calls < calls) moves.push('call');
    if (b.kind === 'halfOpen' && this.#trials < trials && b.options.hasPlace(b)) moves.push('call');
    for (let ends = 0; ends < this.#running.length; ends += 1) {
      for (const as of ENDS) moves.push({ ends, as });
    }
    if (this.#transitions === transitions) return moves;
    if (b.kind === 'open' || (b.kind === 'halfOpen' && b.mine.length > 0)) moves.push('time');
    if (this.#bounds.byHand) moves.push('trip');
    if (this.#bounds.byHand && b.kind !== 'closed') moves.push('reset');
    return moves;
  }

  make(move: Move): void {
    const { breaker } = this.#tested;
    const model = this.#model;
    const { b } = model;
    if (move === 'call') this.#begin();
    else if (move === 'time') this.#pass();
    else if (move === 'trip') {
      breaker.trip();
      model.change(() => trip(b, 'byHand'));
    } else if (move === 'reset') {
      breaker.reset();
      model.change(() => byHand(b, 'reset', () => {}));
    } else {
      const [[permit, call]] = this.#running.splice(move.ends, 1) as [readonly [Permit, Call]];
      permit[move.as]();
      model.end(call, { outcome: OUTCOME_OF[move.as] });
    }
    for (; this.#told < model.told.length; this.#told += 1) {
      if (TRANSITIONS.includes(model.told[this.#told]?.event ?? '')) this.#transitions += 1;
    }
  }

  /** @throws Difference */
  compare(): void {
    compare(this.#tested, this.#model, this.#progress);
  }

  #begin(): void {
    const { b } = this.#model;
    if (b.kind === 'closed') this.#calls += 1;
    else this.#trials += 1;
    const permit = this.#tested.breaker.tryAcquire();
    const call = this.#model.enter();
    if (permit === undefined || typeof call === 'string') {
      same('the call is let in', permit !== undefined, typeof call !== 'string');
    } else this.#running.push([permit, call]);
  }

  /** Time passes, up to what is due next. */
  #pass(): void {
    const { b } = this.#model;
    const dueAt = b.kind === 'open' ? b.openUntil : b.since + b.options.maxTrialMs;
    this.#tested.clock.advance(dueAt - b.now);
    b.now = dueAt;
    this.#model.look();
  }
}

/**
 * Goes through every interleaving within bounds.
 * @param onProgress told how many are done
 * @returns how many there are
 * @throws Difference with the moves that led there
 */
export const exploreInterleavings = (
  bounds: Bounds,
  onProgress: (done: number) => void = () => {},
): number => {
  const scenario = scenarioOf(bounds);
  const clock = new SteppingClock();
  const path: Move[] = [];
  let done = 0;
  const follow = (run: Run, move: Move): void => {
    path.push(move);
    try {
      run.make(move);
      run.compare();
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      throw new Difference(`${words}\nafter ${path.map((made) => JSON.stringify(made)).join(' ')}`);
    }
    explore(run);
    path.pop();
  };
  const explore = (run: Run): void => {
    const { moves } = run;
    if (moves.length === 0) {
      run.end();
      done += 1;
      if (done % 10_000 === 0) onProgress(done);
    }
    for (const [index, move] of moves.entries()) {
      // The first way goes on from here; for each other the way to here is gone again.
      if (index === 0) follow(run, move);
      else follow(replay(), move);
    }
  };
  const replay = (): Run => {
    const run = new Run(scenario, bounds, clock);
    for (const move of path) run.make(move);
    return run;
  };
  explore(new Run(scenario, bounds, clock));
  return done;
};
