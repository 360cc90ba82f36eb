import type { Action, Step } from './action.js';
import type { Answer } from './answer.js';
import { Callers } from './callers.js';
import { compare, type Progress } from './compare.js';
import { same } from './difference.js';
import { Hands } from './hands.js';
import { ModelledBreaker } from './modelled-breaker.js';
import type { Scenario } from './scenario.js';
import { Snapshots } from './snapshots.js';
import { TestedBreaker } from './tested-breaker.js';
import { raised } from './watched-process.js';

/** Longer than anything waits. */
const LONG_MS = 3_600_000;

/** Enough for whatever runs to end, and for whatever that lets in. */
const LAST_ROUNDS = 20;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Does the same to a breaker and to the model, and compares them after every step. */
export class Driver {
  readonly #tested: TestedBreaker;
  readonly #model: ModelledBreaker;
  readonly #callers: Callers;
  readonly #hands: Hands;
  readonly #snapshots: Snapshots;
  readonly #progress: Progress = { events: 0 };
  readonly #looksEvery: number;
  #steps = 0;

  constructor(scenario: Scenario) {
    this.#looksEvery = scenario.looksEvery;
    this.#tested = new TestedBreaker(scenario);
    this.#model = new ModelledBreaker(scenario);
    this.#callers = new Callers(scenario, this.#tested, this.#model);
    this.#hands = new Hands(this.#tested, this.#model);
    this.#snapshots = new Snapshots(this.#tested, this.#model, this.#hands);
  }

  /**
   * Without a promise nothing that waits for one gets its turn: await what this gives, if anything.
   * @throws Difference where the two differ
   */
  step({ actions, settles, breaksClock }: Step): Promise<void> | undefined {
    for (const action of actions) {
      this.#tested.clock.isBroken = breaksClock && !PASSES_TIME.includes(action.do);
      this.#do(action);
      this.#tested.clock.isBroken = false;
    }
    this.#steps += 1;
    this.#compareSometimes();
    return settles ? this.#settlePromises() : undefined;
  }

  /** Ends all that runs and lets all that waits run out. @throws Difference unless nothing is left */
  async end(answer: Answer): Promise<void> {
    for (let round = 0; round < LAST_ROUNDS && this.#callers.count > 0; round += 1) {
      const hasSettled = this.#callers.settleAll(answer);
      await this.#settlePromises();
      if (!hasSettled) this.#pass(LONG_MS, false);
      await this.#settlePromises();
    }
    same('callers left', this.#callers.count, 0);
    this.#pass(LONG_MS, false);
    this.#compare();
    same('permits left', this.#tested.breaker.stats().inFlight, 0);
    same('timers left', this.#tested.clock.pendingTimers, 0);
  }

  #do(action: Action): void {
    switch (action.do) {
      case 'call':
        this.#callers.begin(action);
        return;
      case 'settle':
        this.#callers.settle(action.pick, action.answer, action.by);
        return;
      case 'abort':
        this.#callers.abort(action.pick);
        return;
      case 'advance':
      case 'oversleep':
        this.#pass(action.ms, action.do === 'oversleep');
        return;
      case 'stepBack':
        this.#tested.clock.stepBack(action.ms);
        this.#tested.seeTime();
        return;
      case 'stepCalendar':
        this.#tested.clock.stepCalendar(action.ms);
        return;
      case 'export':
        this.#snapshots.export();
        return;
      case 'import':
        this.#snapshots.import(action.pick, action.isSound);
        return;
      default:
        this.#hands.do(action);
    }
  }

  /** Time passes. What ends by itself does so at its own time, or all at the end. */
  #pass(ms: number, oversleeps: boolean): void {
    const { clock } = this.#tested;
    const { b, deadlines } = this.#model;
    const end = b.now + ms;
    if (oversleeps) b.now = end;
    for (let next = deadlines.take(end); next !== undefined; next = deadlines.take(end)) {
      b.now = Math.max(b.now, next.at);
      next.expire();
    }
    b.now = end;
    // Whoever listens for it hears of it in time, without a look.
    if (b.kind === 'open' && this.#model.hears('halfOpened')) this.#model.look();
    if (oversleeps) clock.oversleep(ms);
    else clock.advance(ms);
    this.#tested.seeTime();
  }

  async #settlePromises(): Promise<void> {
    await turn();
    const { inbox } = this.#model;
    for (let next = inbox.shift(); next !== undefined; next = inbox.shift()) next();
    same('raised at the process', raised.length, 0);
    same('failures of user code reported', this.#tested.reported, this.#tested.misbehaved);
    this.#callers.check();
    this.#compareSometimes();
  }

  #compareSometimes(): void {
    if (this.#steps % this.#looksEvery === 0) this.#compare();
  }

  #compare(): void {
    compare(this.#tested, this.#model, this.#progress);
  }
}

const PASSES_TIME: readonly Action['do'][] = ['advance', 'oversleep', 'stepBack'];
