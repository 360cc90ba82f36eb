import type { Sink } from '../../operation/layer.js';
import type { Scope } from '../../operation/scope.js';
import { keepCallerContext } from '../../ports/caller-context.js';
import { SharedCall, type SharedCallBoard } from './shared-call.js';

/** The calls that run now and may be joined, by key. */
export class SharedCalls implements SharedCallBoard {
  readonly #running = new Map<string, SharedCall>();

  /** Keys that may be joined. */
  get running(): number {
    return this.#running.size;
  }

  /** Joins the call that runs for `key`. @returns undefined if there is none */
  join(key: string, scope: Scope, sink: Sink): SharedCall | undefined {
    const shared = this.#running.get(key);
    shared?.add({ scope, sink, context: keepCallerContext() });
    return shared;
  }

  /** Opens a call that others may join. Whoever opens it must run it. */
  open(key: string, scope: Scope, sink: Sink): SharedCall {
    const shared = new SharedCall(this, key);
    this.#running.set(key, shared);
    shared.add({ scope, sink, context: undefined });
    return shared;
  }

  /** The call that runs for `key` takes nobody more; those who joined it still get its result. */
  detach(key: string): void {
    this.#running.delete(key);
  }

  detachAll(): void {
    this.#running.clear();
  }

  /** Whether `shared` is the one that callers with `key` would join. */
  isCurrent(key: string, shared: SharedCall): boolean {
    return this.#running.get(key) === shared;
  }

  over(key: string, shared: SharedCall): void {
    if (this.isCurrent(key, shared)) this.#running.delete(key);
  }
}
