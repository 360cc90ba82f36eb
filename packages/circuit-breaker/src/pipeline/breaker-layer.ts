import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { Permit } from '../breaker/permit.js';
import type { Call } from '../operation/call.js';
import type { Layer, Sink } from '../operation/layer.js';
import type { Abandonable, Scope } from '../operation/scope.js';

/** A breaker as part of a pipeline, by its two-step form. */
export class BreakerLayer implements Layer {
  readonly #breaker: CircuitBreaker;
  readonly #next: Layer;

  constructor(breaker: CircuitBreaker, next: Layer) {
    this.#breaker = breaker;
    this.#next = next;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const permit = this.#breaker.tryAcquire();
    if (permit !== undefined) this.#enter(permit, call, scope, sink);
    else if (this.#breaker.mayWait) this.#wait(call, scope, sink);
    else sink.settled(true, this.#breaker.openError());
  }

  #enter(permit: Permit, call: Call, scope: Scope, sink: Sink): void {
    const frame = new BreakerFrame(permit, sink);
    if (scope.isAbortable) scope.join(frame);
    this.#next.run(call, scope, frame);
  }

  #wait(call: Call, scope: Scope, sink: Sink): void {
    const options = scope.isAbortable ? { signal: scope.signal } : {};
    this.#breaker.acquire(options).then(
      (permit) => {
        if (scope.isAborted) permit.ignore();
        else this.#enter(permit, call, scope, sink);
      },
      (error: unknown) => {
        if (!scope.isAborted) sink.settled(true, error);
      },
    );
  }
}

class BreakerFrame implements Sink, Abandonable {
  readonly #permit: Permit;
  readonly #sink: Sink;

  constructor(permit: Permit, sink: Sink) {
    this.#permit = permit;
    this.#sink = sink;
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#permit.isSettled) return;
    this.#permit.report(
      failed ? { status: 'rejected', error: value } : { status: 'fulfilled', value },
    );
    this.#sink.settled(failed, value);
  }

  /** A time limit further out says that the other side was too slow; a caller who gave up says nothing. */
  abandoned(reason: unknown): void {
    this.#permit.report({ status: 'rejected', error: reason });
  }
}
