import { type CallerContext, keepCallerContext } from '../ports/caller-context.js';
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

/** What the calls that share a root know together: retries and hedges of one call of the user. */
class Root {
  /** Operations that have been started and not ended yet. */
  running = 0;
  quiet: (() => void)[] | undefined;
  readonly context: CallerContext | undefined;

  constructor(context: CallerContext | undefined) {
    this.context = context;
  }
}

/** One call on its way through the layers. */
export class Call {
  readonly operation: Operation<unknown>;
  readonly options: CallOptions;
  /** 1 for the first try of the operation. */
  readonly attempt: number;
  readonly #root: Root;

  private constructor(
    operation: Operation<unknown>,
    options: CallOptions,
    attempt: number,
    root: Root,
  ) {
    this.operation = operation;
    this.options = options;
    this.attempt = attempt;
    this.#root = root;
  }

  /** @param isLater whether a layer may call user code from a timer or a queue */
  static begin(operation: Operation<unknown>, options: CallOptions, isLater: boolean): Call {
    return new Call(operation, options, 1, new Root(isLater ? keepCallerContext() : undefined));
  }

  /** The same call, tried again. */
  withAttempt(attempt: number): Call {
    return new Call(this.operation, this.options, attempt, this.#root);
  }

  /** Runs `work` in the async context of the caller: for whatever comes from a timer or a queue. */
  inCallerContext(work: () => void): void {
    const { context } = this.#root;
    if (context === undefined) work();
    else context.runInAsyncScope(work);
  }

  /** True while an operation of this call runs, also one whose result nobody waits for any more. */
  get isRunning(): boolean {
    return this.#root.running > 0;
  }

  operationStarted(): void {
    this.#root.running += 1;
  }

  operationEnded(): void {
    const root = this.#root;
    root.running -= 1;
    if (root.running > 0 || root.quiet === undefined) return;
    const told = root.quiet;
    root.quiet = undefined;
    for (const tell of told) tell();
  }

  /** Calls `tell` once no operation of this call runs any more. Ask `isRunning` first. */
  whenQuiet(tell: () => void): void {
    this.#root.quiet ??= [];
    this.#root.quiet.push(tell);
  }
}
