/* oxlint-disable unicorn/no-thenable -- being a thenable is what this is for. */
/**
 * Hands an error on from a rejection handler. To throw it again would cost more than all the rest of a
 * failed call; a promise resolved with this is rejected just the same.
 */
export class Rethrown implements PromiseLike<never> {
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  // biome-ignore lint/suspicious/noThenProperty: being a thenable is what it is for.
  then<T, R>(
    _onFulfilled: unknown,
    onRejected?: ((reason: unknown) => R | PromiseLike<R>) | null,
  ): PromiseLike<T | R> {
    return onRejected?.(this.#error) as PromiseLike<R>;
  }
}
