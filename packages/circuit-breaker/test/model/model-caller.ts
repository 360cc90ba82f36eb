import type { Outcome, RejectionReason } from '../../src/index.js';
import type { CallAction } from './action.js';
import type { Answer } from './answer.js';
import type { Deadline } from './deadlines.js';
import type { Call, Verdict } from './model-types.js';
import type { ModelledBreaker, Waiter } from './modelled-breaker.js';
import type { Scenario } from './scenario.js';

const PIPELINES = ['alone', 'outer', 'inner', 'both'];

/** One who makes a call, as the model sees it. Mirrors `RealCaller`. */
export class ModelCaller {
  /** How often the operation is to be called. */
  starts = 0;
  /** What the caller is to be given; undefined while that is open. */
  ending: unknown;
  /** How many events are to be told before. */
  toldBefore = 0;
  /** Whether a time limit or the caller ended it. */
  isGivenUp = false;
  /** The state, and the generation, in which it was refused. */
  refusedIn: string | undefined;
  readonly #action: CallAction;
  readonly #scenario: Scenario;
  readonly #model: ModelledBreaker;
  #place: 'waiting' | 'refused' | 'admitted' | 'running' | 'over' = 'running';
  #call: Call | undefined;
  #waiter: Waiter | undefined;
  #limits: Deadline[] = [];

  constructor(action: CallAction, scenario: Scenario, model: ModelledBreaker) {
    this.#action = action;
    this.#scenario = scenario;
    this.#model = model;
    this.#begin();
  }

  get isOver(): boolean {
    return this.#place === 'over';
  }

  /** Its operation has ended, which shows once promises are given time. */
  settle(answer: Answer): void {
    this.#model.inbox.push(() => this.#arrive(answer));
  }

  /** Its permit was reported to. */
  report(answer: Answer, by: number): void {
    const byHand: Verdict[] = [
      { outcome: 'success' },
      { outcome: 'failure' },
      { outcome: 'ignored' },
      { outcome: 'ignored' },
    ];
    const verdict = byHand[by] ?? answer.verdict(this.#model.options.classify);
    const tellsError = by === 1 || (by === 4 && answer.failed);
    this.#endCall(verdict, tellsError ? answer : undefined);
    this.#place = 'over';
  }

  abort(): void {
    const { via, signal } = this.#action;
    const isWaiting = this.#place === 'waiting';
    if (signal !== 'own' || !this.#takesSignal || this.isOver) return;
    if (via === 'acquire' && !isWaiting) return;
    if (this.#isPipeline) this.#giveUp('ABORTED enough', 'ignored');
    else if (isWaiting) this.#giveUp('ABORTED enough', 'ignored');
    else if (this.#place === 'running') {
      this.#endCall({ outcome: 'ignored' }, undefined);
      this.isGivenUp = true;
      this.#finish('ABORTED enough');
    } else this.isGivenUp = true;
  }

  get #isPipeline(): boolean {
    return PIPELINES.includes(this.#action.via);
  }

  get #takesSignal(): boolean {
    const { via } = this.#action;
    return this.#isPipeline || via === 'execute' || via === 'acquire';
  }

  #begin(): void {
    const { via, signal, limitMs } = this.#action;
    const model = this.#model;
    if (this.#takesSignal && signal === 'aborted') {
      this.#finish('ABORTED early');
      return;
    }
    if (this.#isPipeline) {
      if (limitMs !== undefined) this.#limit(limitMs);
      if (via === 'outer' || via === 'both') this.#limit(this.#scenario.outerMs);
      model.look();
    }
    const comesLater = via === 'acquire' || (this.#isPipeline && model.mayWait);
    const admission = model.enter();
    if (typeof admission === 'string') {
      const canWait = this.#isPipeline || via === 'execute' || via === 'wrap' || via === 'acquire';
      if (canWait && model.mayWait) this.#wait();
      else this.#refused(admission);
    } else if (comesLater) this.#admitted(admission);
    else this.#start(admission);
  }

  #wait(): void {
    const { halfOpen } = this.#model.options;
    const deadline = this.#deadline(halfOpen.maxWaitMs, () => {
      this.#model.look();
      if (this.#model.leave(waiter)) this.#refused('trialsBusy');
    });
    const waiter: Waiter = {
      deadline,
      admitted: (call) => this.#admitted(call),
      refused: (reason) => this.#refused(reason),
    };
    this.#place = 'waiting';
    this.#waiter = waiter;
    this.#model.waiting.push(waiter);
  }

  #admitted(call: Call): void {
    this.#place = 'admitted';
    this.#call = call;
    this.#model.inbox.push(() => this.#proceed(call));
  }

  /** It has its permit, and hears of it. */
  #proceed(call: Call): void {
    if (this.#action.via === 'acquire') this.#hasPermit();
    else if (this.isGivenUp) {
      this.#endCall({ outcome: 'ignored' }, undefined);
      if (!this.isOver) this.#finish('ABORTED enough');
    } else this.#start(call);
  }

  #hasPermit(): void {
    this.#place = 'running';
    this.ending = 'permit';
    this.toldBefore = this.#model.told.length;
  }

  #start(call: Call): void {
    const { via, ends, answer } = this.#action;
    this.#call = call;
    this.#place = 'running';
    if (via === 'tryAcquire') {
      this.#hasPermit();
      return;
    }
    if (via === 'inner' || via === 'both') this.#limit(this.#scenario.innerMs);
    this.starts += 1;
    const isSync = via === 'executeSync' || via === 'wrapSync';
    if (isSync || (ends === 'throws' && this.#isPipeline)) this.#arrive(answer);
    else if (ends !== 'later') this.settle(answer);
  }

  #arrive(answer: Answer): void {
    if (this.isOver) return;
    const isSync = this.#action.via === 'executeSync' || this.#action.via === 'wrapSync';
    const failed = answer.failed && !(isSync && this.#action.ends !== 'throws');
    this.#endCall(
      answer.verdict(this.#model.options.classify, failed),
      failed ? answer : undefined,
    );
    this.#finish(answer);
  }

  #refused(reason: RejectionReason): void {
    const { b } = this.#model;
    this.refusedIn = `${b.kind} ${b.generation}`;
    this.#model.refuse(reason);
    const ending = b.isShutDown ? 'BREAKER_SHUT_DOWN' : `BREAKER_OPEN ${reason}`;
    const isHeardLater = this.#isPipeline && this.#place === 'waiting';
    this.#place = 'refused';
    if (!isHeardLater) this.#finish(ending);
    else this.#model.inbox.push(() => this.isOver || this.#finish(ending));
  }

  #limit(ms: number): void {
    this.#limits.push(this.#deadline(ms, () => this.#giveUp(`TIMEOUT ${ms}`, 'failure')));
  }

  #deadline(ms: number, expire: () => void): Deadline {
    const deadline = { at: this.#model.b.now + ms, expire };
    this.#model.deadlines.add(deadline);
    return deadline;
  }

  /** A time limit or the caller ends it, wherever it is. */
  #giveUp(word: string, outcome: Outcome): void {
    if (this.#waiter !== undefined) this.#model.leave(this.#waiter);
    if (this.#place === 'running') this.#endCall({ outcome }, word);
    this.isGivenUp = true;
    this.#finish(word);
  }

  #endCall(verdict: Verdict, error: unknown): void {
    if (this.#call !== undefined) this.#model.end(this.#call, verdict, error);
    this.#call = undefined;
  }

  #finish(ending: unknown): void {
    for (const limit of this.#limits) this.#model.deadlines.remove(limit);
    this.#place = 'over';
    this.ending = ending;
    this.toldBefore = this.#model.told.length;
  }
}
