/** What an operation is given. */
export interface OperationContext {
  /** Aborted when the result is no longer wanted. Made when it is first read. */
  readonly signal: AbortSignal;
}

/** A signal that costs nothing until someone reads it. */
export class LazyAbort implements OperationContext {
  #controller: AbortController | undefined;
  #aborted: { reason: unknown } | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}

/** The caller's own signal, or one that is never aborted. */
export const contextFor = (signal: AbortSignal | undefined): OperationContext =>
  signal === undefined ? new LazyAbort() : { signal };
