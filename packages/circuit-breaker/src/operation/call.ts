import { type CallerContext, keepCallerContext } from '../ports/caller-context.js';
import type { Sink } from './layer.js';
import type { Operation } from './operation.js';

/** What may be said of a single call. */
export interface CallOptions {
  /** Ends the call at once with `ABORTED`, whether or not the operation heeds it. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for all of it, waits and retries too; above 0, to 30 days. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Who goes first where calls wait (bulkhead); a whole number, higher goes first. Default 0. */
  readonly priority?: number | undefined;
  /** What makes two calls the same (coalesce, cache). Default: none, such calls are never shared. */
  readonly key?: string | undefined;
}

/** What only some calls need. */
interface Extras {
  /** Tries that are part of this one: later ones, and ones that are counted apart. */
  tries?: Call[];
  quiet?: (() => void)[] | undefined;
}

/** How the promise that was made last is settled. An executor for each would be one more object for each call. */
const nobody = (): void => {};
let resolveLast: (value: unknown) => void = nobody;
let rejectLast: (error: unknown) => void = nobody;
const takeOut = (resolve: (value: never) => void, reject: (error: unknown) => void): void => {
  resolveLast = resolve as (value: unknown) => void;
  rejectLast = reject;
};

/** One call on its way through the layers, and the outermost sink: it settles the caller's promise. */
export class Call implements Sink {
  readonly operation: Operation<unknown>;
  readonly options: CallOptions;
  /** 1 for the first try of the operation, and one more for each further try, whichever policy makes it. */
  readonly attempt: number;
  /** The first try of the same call of the user, where what all tries share is kept. */
  readonly #first: Call;
  readonly #context: CallerContext | undefined;
  /** How many tries there are; kept by the first. */
  #count = 1;
  /** Operations of this try that have been started and not ended yet. */
  #running = 0;
  #extras: Extras | undefined = undefined;
  #resolve: ((value: unknown) => void) | undefined = undefined;
  #reject: ((error: unknown) => void) | undefined = undefined;

  /**
   * @param isLater whether a layer may call user code from a timer or a queue
   * @param first the call that this is another try of
   */
  constructor(
    operation: Operation<unknown>,
    options: CallOptions,
    isLater: boolean,
    attempt = 1,
    first?: Call,
  ) {
    this.operation = operation;
    this.options = options;
    this.attempt = attempt;
    this.#first = first ?? this;
    this.#context = isLater ? keepCallerContext() : undefined;
  }

  /** The same call, tried again. */
  again(): Call {
    this.#first.#count += 1;
    return this.#tryOf(this.#first.#count);
  }

  /** This very try, with a count of its own of what runs: for one that others run beside. */
  apart(): Call {
    return this.#tryOf(this.attempt);
  }

  /** The same object for all tries of one call of the user. */
  get identity(): object {
    return this.#first;
  }

  /** The promise of how the call ends. Ask once. */
  promise<T>(): Promise<T> {
    const promise = new Promise<T>(takeOut);
    this.#resolve = resolveLast;
    this.#reject = rejectLast;
    // They would keep what the call was given in memory.
    resolveLast = nobody;
    rejectLast = nobody;
    return promise;
  }

  settled(failed: boolean, value: unknown): void {
    if (failed) this.#reject?.(value);
    else this.#resolve?.(value);
  }

  /** Runs `work` in the async context of the caller: for whatever comes from a timer or a queue. */
  inCallerContext(work: () => void): void {
    const context = this.#first.#context;
    if (context === undefined) work();
    else context.runInAsyncScope(work);
  }

  /**
   * True while an operation of this call or of later tries of it runs, also one whose result nobody waits
   * for any more. For what stands inside a retry that is its own try, so a try before that hangs is none
   * of its business.
   */
  get isRunning(): boolean {
    return this.#running > 0 || (this.#extras?.tries?.some((next) => next.isRunning) ?? false);
  }

  operationStarted(): void {
    this.#running += 1;
  }

  operationEnded(): void {
    this.#running -= 1;
    if (this.#extras?.quiet === undefined || this.#running > 0) return;
    const told = this.#extras.quiet;
    this.#extras.quiet = undefined;
    for (const tell of told) tell();
  }

  /**
   * Calls `tell` once the operations that are running now have ended, and not for those of a try that
   * begins later. Ask `isRunning` first.
   */
  whenQuiet(tell: () => void): void {
    const running = [...this.#runningTries()];
    let left = running.length;
    const ended = () => {
      left -= 1;
      if (left === 0) tell();
    };
    for (const call of running) {
      const extras = call.#made;
      extras.quiet ??= [];
      extras.quiet.push(ended);
    }
  }

  #tryOf(attempt: number): Call {
    const next = new Call(this.operation, this.options, false, attempt, this.#first);
    const extras = this.#made;
    extras.tries ??= [];
    extras.tries.push(next);
    return next;
  }

  get #made(): Extras {
    this.#extras ??= {};
    return this.#extras;
  }

  *#runningTries(): Generator<Call> {
    if (this.#running > 0) yield this;
    for (const next of this.#extras?.tries ?? []) yield* next.#runningTries();
  }
}
