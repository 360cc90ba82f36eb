import type { Call } from '../../operation/call.js';
import type { Layer, Sink } from '../../operation/layer.js';
import { PlainDeadlineEntry } from '../../operation/plain-deadline-entry.js';
import type { Abandonable, Scope } from '../../operation/scope.js';
import { type CallerContext, keepCallerContext } from '../../ports/caller-context.js';
import type { LineItem } from '../waiting-line.js';
import type { Turns } from './turns.js';

export interface WaitingTurnParts {
  readonly turns: Turns;
  readonly next: Layer;
  readonly call: Call;
  readonly scope: Scope;
  readonly sink: Sink;
}

/** A call that waits for a permit. */
export class WaitingTurn extends PlainDeadlineEntry implements LineItem<WaitingTurn>, Abandonable {
  readonly #parts: WaitingTurnParts;
  // All are equal here: how long each waits is known when it comes, and must not change.
  readonly priority = 0;
  rank: LineItem<WaitingTurn>['rank'] = undefined;
  ahead: WaitingTurn | undefined = undefined;
  behind: WaitingTurn | undefined = undefined;
  readonly #context: CallerContext = keepCallerContext();

  constructor(parts: WaitingTurnParts) {
    super();
    this.#parts = parts;
  }

  /** It was taken out of the line, and has a permit. */
  begin(): void {
    const { next, call, scope, sink } = this.#parts;
    this.#context.runInAsyncScope(() => next.run(call, scope, sink));
  }

  abandoned(): void {
    this.#parts.turns.leave(this);
  }

  override expired(): void {
    const { turns, sink } = this.#parts;
    // It may be its turn at this very moment.
    turns.serve();
    if (!turns.leave(this)) return;
    this.#context.runInAsyncScope(() => turns.refuse(sink, turns.waitMs()));
  }
}
