import type { Call } from '../../operation/call.js';
import type { Sink } from '../../operation/layer.js';
import { PlainDeadlineEntry } from '../../operation/plain-deadline-entry.js';
import type { Abandonable, Scope } from '../../operation/scope.js';
import { type CallerContext, keepCallerContext } from '../../ports/caller-context.js';
import type { BulkheadFullReason } from '../errors.js';
import type { LineItem } from '../waiting-line.js';
import type { Queue } from './queue.js';

export interface WaitingCallParts {
  readonly queue: Queue;
  readonly call: Call;
  readonly scope: Scope;
  readonly sink: Sink;
  /** What follows once there is a place. */
  readonly begin: (waited: WaitingCall) => void;
}

/** Higher goes first. */
export const priorityOf = ({ options }: Call): number => options.priority ?? 0;

/** A call that waits for a place. Kept with the context of its caller, which a call that need not wait never costs. */
export class WaitingCall extends PlainDeadlineEntry implements LineItem<WaitingCall>, Abandonable {
  readonly parts: WaitingCallParts;
  readonly priority: number;
  rank: LineItem<WaitingCall>['rank'] = undefined;
  ahead: WaitingCall | undefined = undefined;
  behind: WaitingCall | undefined = undefined;
  readonly #context: CallerContext = keepCallerContext();

  constructor(parts: WaitingCallParts) {
    super();
    this.parts = parts;
    this.priority = priorityOf(parts.call);
  }

  /** False if it was given up on the way in. */
  get isWaiting(): boolean {
    return this.rank !== undefined;
  }

  /** It was taken out of the queue, and there is a place for it. */
  admitted(): void {
    this.#context.runInAsyncScope(() => this.parts.begin(this));
  }

  /** It was taken out of the queue for a call of a higher priority. */
  displaced(): void {
    // A listener may have made its caller give up in the meantime.
    if (!this.parts.scope.isAborted) this.#refuse('displaced');
  }

  abandoned(): void {
    this.parts.queue.remove(this);
  }

  override expired(): void {
    if (this.parts.queue.remove(this)) this.#refuse('waitedTooLong');
  }

  #refuse(reason: BulkheadFullReason): void {
    const { queue, sink } = this.parts;
    this.#context.runInAsyncScope(() => queue.refuse(sink, reason));
  }
}
