import type { Call } from '../operation/call.js';
import type { DeadlineQueue } from '../operation/deadline-queue.js';
import type { Layer, Sink } from '../operation/layer.js';
import { PlainDeadlineEntry } from '../operation/plain-deadline-entry.js';
import type { Abandonable, Scope } from '../operation/scope.js';

interface DelayedFrameParts {
  readonly queue: DeadlineQueue;
  readonly next: Layer;
  readonly call: Call;
  readonly scope: Scope;
  readonly sink: Sink;
}

/** A call that begins later. */
export class DelayedFrame extends PlainDeadlineEntry implements Abandonable {
  readonly #parts: DelayedFrameParts;

  constructor(parts: DelayedFrameParts) {
    super();
    this.#parts = parts;
  }

  /** @throws what a clock throws that sets no timer */
  waitFor(delayMs: number): void {
    const { queue, scope } = this.#parts;
    queue.add(this, delayMs);
    if (scope.isAbortable) scope.join(this);
  }

  override expired(): void {
    const { call, next, scope, sink } = this.#parts;
    call.inCallerContext(() => next.run(call, scope, sink));
  }

  abandoned(): void {
    this.#parts.queue.remove(this);
  }
}

/** Settles `sink` with `value` in place of the operation: in a moment, as an operation does, or when it has come. */
export const settleWith = (value: unknown, scope: Scope, sink: Sink): void => {
  const settle = (failed: boolean, settled: unknown) => {
    if (!scope.isAborted) sink.settled(failed, settled);
  };
  new Promise((resolve) => resolve(value)).then(
    (result) => settle(false, result),
    (error: unknown) => settle(true, error),
  );
};
