import { isCircuitBreakerError, withoutStack } from '../../errors.js';
import type { Call } from '../../operation/call.js';
import type { Layer, Sink } from '../../operation/layer.js';
import { neverThrows } from '../../operation/own-layer.js';
import type { Scope } from '../../operation/scope.js';
import type { Clock } from '../../ports/clock.js';
import { discard, type HttpAnswer, isTrouble, retryAfterMsOf, statusOf } from './answer.js';
import { HttpStatusError } from './status-error.js';

/** Answers that have been handed to their callers. */
export type Delivered = WeakSet<object>;

/** Innermost: makes errors of answers that speak of trouble, and lets go of answers that nobody is given. */
export class AnswerLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #next: Layer;
  readonly #clock: Clock;
  readonly #delivered: Delivered;

  constructor(next: Layer, clock: Clock, delivered: Delivered) {
    this.#next = next;
    this.#clock = clock;
    this.#delivered = delivered;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    this.#next.run(call, scope, {
      settled: (failed, value) => {
        const status = failed ? undefined : statusOf(value);
        if (status === undefined) sink.settled(failed, value);
        else this.#answered(value as HttpAnswer, status, sink);
      },
    });
  }

  #answered(answer: HttpAnswer, status: number, sink: Sink): void {
    if (isTrouble(status)) {
      const retryAfterMs = retryAfterMsOf(answer, this.#clock);
      const error = withoutStack(() => new HttpStatusError({ answer, status, retryAfterMs }));
      sink.settled(true, error);
    } else {
      sink.settled(false, answer);
    }
    // An answer goes all the way out before `settled` returns. One that did not is tried again, has lost, or
    // came too late: nobody will read it.
    if (!this.#delivered.has(answer)) discard(answer);
  }
}

/** Outermost: gives the caller the answer again. */
export class RestoreLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #next: Layer;
  readonly #delivered: Delivered;

  constructor(next: Layer, delivered: Delivered) {
    this.#next = next;
    this.#delivered = delivered;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    this.#next.run(call, scope, {
      settled: (failed, value) => {
        if (scope.isAborted) return;
        const isAnswer = failed && isCircuitBreakerError(value, 'HTTP_STATUS');
        const given = isAnswer ? value.answer : value;
        if (typeof given === 'object' && given !== null) this.#delivered.add(given);
        sink.settled(failed && !isAnswer, given);
      },
    });
  }
}
