import type { CircuitBreaker } from '../breaker/circuit-breaker.js';
import type { Engine } from '../breaker/engine.js';
import type { Generation } from '../breaker/generation.js';
import { inner } from '../breaker/inner.js';
import type { Permit } from '../breaker/permit.js';
import type { Call } from '../operation/call.js';
import type { Layer, Sink } from '../operation/layer.js';
import { neverThrows } from '../operation/own-layer.js';
import type { Abandonable, Scope } from '../operation/scope.js';

/** A breaker as part of a pipeline. */
export class BreakerLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #breaker: CircuitBreaker;
  readonly #engine: Engine;
  readonly #next: Layer;

  constructor(breaker: CircuitBreaker, next: Layer) {
    this.#breaker = breaker;
    this.#engine = breaker[inner];
    this.#next = next;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const { generation } = this.#engine.machine;
    if (!generation.isOpenToAll) {
      this.#runWithPermit(call, scope, sink);
      return;
    }
    this.#engine.started += 1;
    const frame = new OpenFrame(this.#engine, generation, sink);
    if (scope.isAbortable) scope.join(frame);
    this.#next.run(call, scope, frame);
  }

  #runWithPermit(call: Call, scope: Scope, sink: Sink): void {
    if (this.#breaker.mayWait) {
      this.#wait(call, scope, sink);
      return;
    }
    const permit = this.#breaker.tryAcquire();
    if (permit === undefined) sink.settled(true, this.#breaker.openError());
    else this.#enter(permit, call, scope, sink);
  }

  #enter(permit: Permit, call: Call, scope: Scope, sink: Sink): void {
    const frame = new PermitFrame(permit, sink);
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

/** A call through a breaker that was open to all: there is nothing to give back but the result. */
class OpenFrame implements Sink, Abandonable {
  readonly #engine: Engine;
  readonly #generation: Generation;
  readonly #sink: Sink;
  #isOver = false;

  constructor(engine: Engine, generation: Generation, sink: Sink) {
    this.#engine = engine;
    this.#generation = generation;
    this.#sink = sink;
  }

  settled(failed: boolean, value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (failed) this.#engine.callRejected(this.#generation, value);
    else this.#engine.callFulfilled(this.#generation, value);
    this.#sink.settled(failed, value);
  }

  /** A time limit further out says that the other side was too slow; a caller who gave up says nothing. */
  abandoned(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#engine.callRejected(this.#generation, reason);
  }
}

class PermitFrame implements Sink, Abandonable {
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

  /** See `OpenFrame`. */
  abandoned(reason: unknown): void {
    this.#permit.report({ status: 'rejected', error: reason });
  }
}
