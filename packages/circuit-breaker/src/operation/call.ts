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

/** One call on its way through the layers, and the outermost sink: it settles the caller's promise. */
export class Call implements Sink {
  readonly operation: Operation<unknown>;
  readonly options: CallOptions;
  /** 1 for the first try of the operation. */
  readonly attempt: number;
  /** The first try of the same call of the user, where what all tries share is kept. */
  readonly #first: Call;
  readonly #context: CallerContext | undefined;
  /** Operations that have been started and not ended yet. */
  #running = 0;
  #quiet: (() => void)[] | undefined = undefined;
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
  withAttempt(attempt: number): Call {
    return new Call(this.operation, this.options, false, attempt, this.#first);
  }

  /** The promise of how the call ends. Ask once. */
  promise<T>(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#resolve = resolve as (value: unknown) => void;
      this.#reject = reject;
    });
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

  /** True while an operation of this call runs, also one whose result nobody waits for any more. */
  get isRunning(): boolean {
    return this.#first.#running > 0;
  }

  operationStarted(): void {
    this.#first.#running += 1;
  }

  operationEnded(): void {
    const first = this.#first;
    first.#running -= 1;
    if (first.#running > 0 || first.#quiet === undefined) return;
    const told = first.#quiet;
    first.#quiet = undefined;
    for (const tell of told) tell();
  }

  /** Calls `tell` once no operation of this call runs any more. Ask `isRunning` first. */
  whenQuiet(tell: () => void): void {
    const first = this.#first;
    first.#quiet ??= [];
    first.#quiet.push(tell);
  }
}
