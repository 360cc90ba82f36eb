import type { Outcome } from './outcome.js';

/**
 * The right to make one call, to be given back by exactly one of its methods. Only the first of them
 * counts; more do nothing. Disposing of it (`using`) without a report is `ignore()`.
 */
export interface Permit extends Disposable {
  success(): void;
  /** @param error handed to the `failed` event */
  failure(error?: unknown): void;
  /** The call says nothing about the other side: it was cancelled, or never made. */
  ignore(): void;
}

export type SettlePermit = (generation: number, outcome: Outcome, error: unknown) => void;

/** A permit that remembers the generation it was given out in. */
export class CallPermit implements Permit {
  readonly #generation: number;
  #settle: SettlePermit | undefined;

  constructor(generation: number, settle: SettlePermit) {
    this.#generation = generation;
    this.#settle = settle;
  }

  get isSettled(): boolean {
    return this.#settle === undefined;
  }

  success(): void {
    this.settle('success', undefined);
  }

  failure(error?: unknown): void {
    this.settle('failure', error);
  }

  ignore(): void {
    this.settle('ignored', undefined);
  }

  settle(outcome: Outcome, error: unknown): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(this.#generation, outcome, error);
  }

  [Symbol.dispose](): void {
    this.ignore();
  }
}
