import type { OperationContext, Permit } from '../../src/index.js';
import type { CallAction } from './action.js';
import type { Answer } from './answer.js';
import { inAWord, type TestedBreaker } from './tested-breaker.js';

interface Work {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** One who makes a call of the breaker, and what becomes of it. */
export class RealCaller {
  readonly controller = new AbortController();
  /** How often the operation was called. */
  starts = 0;
  /** The signal that the operation was given. */
  seen: AbortSignal | undefined;
  permit: Permit | undefined;
  /** What the caller was given in the end: an answer, or a word for an error of the package. */
  ending: unknown;
  error: unknown;
  /** How many events were heard by then. */
  heardBefore = 0;
  readonly #action: CallAction;
  readonly #tested: TestedBreaker;
  #work: Work | undefined;

  constructor(action: CallAction, tested: TestedBreaker) {
    this.#action = action;
    this.#tested = tested;
    if (action.signal === 'aborted') this.controller.abort('early');
    this.#begin();
  }

  /** Whether it can be ended by hand: its operation runs, or it has a permit. */
  get isPending(): boolean {
    return this.#work !== undefined || this.permit?.isSettled === false;
  }

  abort(): void {
    this.controller.abort('enough');
  }

  /** Ends the operation. */
  settle(answer: Answer): void {
    if (answer.failed) this.#work?.reject(answer);
    else this.#work?.resolve(answer);
    this.#work = undefined;
  }

  /** Reports to the permit in one of its five ways, and once more in another. */
  report(answer: Answer, by: number): void {
    const { permit } = this;
    if (permit === undefined) return;
    const reports = [
      () => permit.success(),
      () => permit.failure(answer),
      () => permit.ignore(),
      () => permit[Symbol.dispose](),
      () =>
        permit.report(
          answer.failed
            ? { status: 'rejected', error: answer }
            : { status: 'fulfilled', value: answer },
        ),
    ];
    reports[by]?.();
    reports[(by + 1) % reports.length]?.();
  }

  #begin(): void {
    const { breaker, pipelines } = this.#tested;
    const { via, signal, limitMs } = this.#action;
    const operation = (context?: OperationContext) => this.#operate(context);
    const aborts = signal === 'own' || signal === 'aborted';
    const options =
      signal === 'none' ? undefined : { ...(aborts && { signal: this.controller.signal }) };
    switch (via) {
      case 'execute':
        this.#watch(breaker.execute(operation, options));
        return;
      case 'wrap':
        this.#watch(breaker.wrap(operation as () => Promise<unknown>)());
        return;
      case 'acquire':
        this.#watch(breaker.acquire(options));
        return;
      case 'tryAcquire':
        this.#ended(breaker.tryAcquire() ?? breaker.openError());
        return;
      case 'executeSync':
        this.#runSync(() => breaker.executeSync(operation));
        return;
      case 'wrapSync':
        this.#runSync(breaker.wrapSync(operation));
        return;
      default:
        this.#watch(
          pipelines[via].execute(
            operation,
            limitMs === undefined ? options : { ...options, timeoutMs: limitMs },
          ),
        );
    }
  }

  #operate(context: OperationContext | undefined): unknown {
    this.starts += 1;
    const { via, ends, answer } = this.#action;
    const isSync = via === 'executeSync' || via === 'wrapSync';
    // Half of the operations never look at their signal, which is then never made.
    if (this.#tested.heard.length % 2 === 0) this.seen = context?.signal;
    if (ends === 'throws') throw answer;
    if (isSync) return answer;
    if (ends === 'now') return answer.failed ? Promise.reject(answer) : answer;
    return new Promise((resolve, reject) => {
      this.#work = { resolve, reject };
    });
  }

  #runSync(call: () => unknown): void {
    try {
      this.#ended(call());
    } catch (error) {
      this.#ended(error);
    }
  }

  #watch(promise: Promise<unknown>): void {
    promise.then(
      (value) => this.#ended(value),
      (error: unknown) => this.#ended(error),
    );
  }

  #ended(result: unknown): void {
    this.heardBefore = this.#tested.heard.length;
    this.error = result;
    if (isPermit(result)) {
      this.permit = result;
      this.ending = 'permit';
    } else this.ending = inAWord(result);
  }
}

const isPermit = (value: unknown): value is Permit =>
  typeof (value as Partial<Permit>).ignore === 'function';
