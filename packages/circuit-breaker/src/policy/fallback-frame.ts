import type { Sink } from '../operation/layer.js';
import type { Scope } from '../operation/scope.js';
import { whenEnded } from '../operation/when-ended.js';
import { type FallbackReason, fallbackReasonOf } from './fallback-reason.js';

/** What a handler is given. */
export interface Fallen {
  /** What the call was rejected with. */
  readonly error: unknown;
  readonly reason: FallbackReason;
  /** What the handler before this one failed with; undefined for the first. */
  readonly handlerError: unknown;
  /** Aborted when the answer is no longer wanted. Made when it is first read. */
  readonly signal: AbortSignal;
  /** Milliseconds to the nearest deadline around the fallback; infinite without one. */
  readonly remainingMs: number;
}

/** Answers in the place of a call, or throws or rejects to leave it to the next one. */
export type FallbackHandler<T = unknown> = (fallen: Fallen) => T | PromiseLike<T>;

type Failed = Pick<Fallen, 'error' | 'reason'>;

/** What a call asks of its policy. None of it may throw. */
export interface FallbackRules {
  readonly handlers: readonly FallbackHandler[];
  handles(failed: Failed): boolean;
  tellFellBack(told: Failed & { readonly handler: number }): void;
  tellExhausted(told: Failed & { readonly handlerError: unknown }): void;
}

class FallenCall implements Fallen {
  readonly error: unknown;
  readonly reason: FallbackReason;
  readonly handlerError: unknown;
  readonly #scope: Scope;

  constructor({ error, reason }: Failed, handlerError: unknown, scope: Scope) {
    this.error = error;
    this.reason = reason;
    this.handlerError = handlerError;
    this.#scope = scope;
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  get remainingMs(): number {
    return this.#scope.remainingMs;
  }
}

/** One call with its handlers. It holds nothing, so it need not be told when it is given up: it looks. */
export class FallbackFrame implements Sink {
  readonly #rules: FallbackRules;
  readonly #scope: Scope;
  readonly #sink: Sink;

  constructor(rules: FallbackRules, scope: Scope, sink: Sink) {
    this.#rules = rules;
    this.#scope = scope;
    this.#sink = sink;
  }

  settled(failed: boolean, value: unknown): void {
    if (!failed) {
      this.#sink.settled(false, value);
      return;
    }
    const what: Failed = { error: value, reason: fallbackReasonOf(value) };
    const handles = this.#rules.handles(what);
    // Any callback may have made the caller give up.
    if (this.#scope.isAborted) return;
    if (handles) this.#ask(0, what, undefined);
    else this.#sink.settled(true, value);
  }

  #ask(index: number, what: Failed, handlerError: unknown): void {
    const handler = this.#rules.handlers[index];
    if (handler === undefined) {
      this.#rules.tellExhausted({ ...what, handlerError });
      this.#end(true, handlerError);
      return;
    }
    let answer: Promise<unknown>;
    try {
      answer = Promise.resolve(handler(new FallenCall(what, handlerError, this.#scope)));
    } catch (error) {
      answer = Promise.reject(error);
    }
    void whenEnded(
      answer,
      (value) => {
        if (this.#scope.isAborted) return;
        this.#rules.tellFellBack({ ...what, handler: index + 1 });
        this.#end(false, value);
      },
      (error: unknown) => {
        if (!this.#scope.isAborted) this.#ask(index + 1, what, error);
      },
    );
  }

  #end(failed: boolean, value: unknown): void {
    if (!this.#scope.isAborted) this.#sink.settled(failed, value);
  }
}
