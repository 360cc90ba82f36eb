import { isCircuitBreakerError } from '../../src/index.js';
import type { CallAction } from './action.js';
import type { Answer } from './answer.js';
import { same } from './difference.js';
import { retryAfterMs } from './meaning.js';
import { ModelCaller } from './model-caller.js';
import type { ModelledBreaker } from './modelled-breaker.js';
import { RealCaller } from './real-caller.js';
import type { Scenario } from './scenario.js';
import type { TestedBreaker } from './tested-breaker.js';

interface Caller {
  readonly real: RealCaller;
  readonly model: ModelCaller;
}

/** Those who make calls, and have not been seen to the end yet. */
export class Callers {
  readonly #scenario: Scenario;
  readonly #tested: TestedBreaker;
  readonly #model: ModelledBreaker;
  #all: Caller[] = [];

  constructor(scenario: Scenario, tested: TestedBreaker, model: ModelledBreaker) {
    this.#scenario = scenario;
    this.#tested = tested;
    this.#model = model;
  }

  get count(): number {
    return this.#all.length;
  }

  /** Those whose operation runs, or who have a permit. */
  get #pending(): Caller[] {
    return this.#all.filter(({ real }) => real.isPending);
  }

  begin(action: CallAction): void {
    const real = new RealCaller(action, this.#tested);
    const model = new ModelCaller(action, this.#scenario, this.#model);
    this.#all.push({ real, model });
  }

  /** Ends the operation of one, or reports to its permit. */
  settle(pick: number, answer: Answer, by: number): void {
    const pending = this.#pending;
    const caller = pending[pick % pending.length];
    if (caller === undefined) return;
    const { real, model } = caller;
    if (real.permit === undefined) {
      real.settle(answer);
      model.settle(answer);
    } else {
      real.report(answer, by);
      model.report(answer, by);
    }
  }

  /** @returns whether there was anything to settle */
  settleAll(answer: Answer): boolean {
    const { length } = this.#pending;
    for (let left = length; left > 0; left -= 1) this.settle(0, answer, 0);
    return length > 0;
  }

  abort(pick: number): void {
    const caller = this.#all[pick % this.#all.length];
    caller?.model.abort();
    caller?.real.abort();
  }

  /** Once promises were given time: compares what became of all. @throws Difference */
  check(): void {
    this.#all = this.#all.filter((caller) => !this.#isDone(caller));
  }

  /** @returns whether nothing more is to come of it */
  #isDone({ real, model }: Caller): boolean {
    same('times the operation was called', real.starts, model.starts);
    same('what a caller was given', real.ending, model.ending);
    if (model.ending === undefined) return false;
    same('events come before the caller', real.heardBefore >= model.toldBefore, true);
    if (real.seen !== undefined && (model.isGivenUp || !real.controller.signal.aborted)) {
      same('the signal of the operation', real.seen.aborted, model.isGivenUp);
    }
    this.#checkError({ real, model });
    return model.isOver && !real.isPending;
  }

  /** An error tells the wait there is when it is read, as long as the breaker is what it was. */
  #checkError({ real, model }: Caller): void {
    const { b } = this.#model;
    const { error } = real;
    if (model.refusedIn !== `${b.kind} ${b.generation}`) return;
    if (!isCircuitBreakerError(error, 'BREAKER_OPEN')) return;
    const waitMs = b.kind === 'rampUp' ? 1000 : retryAfterMs(b);
    same('retryAfterMs of the error', error.retryAfterMs, waitMs);
  }
}
