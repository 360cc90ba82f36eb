import type { Call } from '../../operation/call.js';
import type { Layer, Sink } from '../../operation/layer.js';
import { neverThrows } from '../../operation/own-layer.js';
import type { Scope } from '../../operation/scope.js';
import type { Turns } from './turns.js';
import { WaitingTurn } from './waiting-turn.js';

/** Lets a call through to the next layer once there is a permit for it. A permit is used up, so nothing is given back. */
export class RateLimitLayer implements Layer {
  readonly [neverThrows] = true;
  readonly #next: Layer;
  /** Shared by all layers of one rate limit. */
  readonly #turns: Turns;
  readonly #maxWaitMs: number;

  constructor(next: Layer, turns: Turns, maxWaitMs: number) {
    this.#next = next;
    this.#turns = turns;
    this.#maxWaitMs = maxWaitMs;
  }

  run(call: Call, scope: Scope, sink: Sink): void {
    const [next, turns] = [this.#next, this.#turns];
    if (turns.tryTake()) {
      next.run(call, scope, sink);
      return;
    }
    const waitMs = turns.waitMs();
    // One whose own time is over before would wait for nothing, and its permit be wasted.
    const isInTime = waitMs <= this.#maxWaitMs && waitMs < scope.remainingMs;
    const turn = isInTime ? new WaitingTurn({ turns, next, call, scope, sink }) : undefined;
    if (turn === undefined || !turns.join(turn)) turns.refuse(sink, waitMs);
    else scope.join(turn);
  }
}
