import type { Clock } from '@nestcms/circuit-breaker';
import { AggregationCacheError } from '../errors.js';

/** The end of a cache, for those who would otherwise wait beyond it. */
export class Closing {
  readonly #listeners = new Set<() => void>();
  #isClosed = false;

  close(): void {
    this.#isClosed = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** @throws CLOSED */
  assertOpen(): void {
    if (this.#isClosed) throw new AggregationCacheError('CLOSED', 'The cache was closed.', {});
  }

  /** @returns a function that ends the listening */
  onClose(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves after so long, or as soon as it is woken.
   * @param listen told whom to wake; returns a function that ends the listening
   * @throws CLOSED as soon as that is known
   */
  async pause(
    ms: number,
    clock: Clock,
    listen: (wake: () => void) => () => void = () => () => {},
  ): Promise<void> {
    this.assertOpen();
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        stop();
        stopListening();
        resolve();
      };
      const cancel = clock.setTimer(done, ms);
      const stop = this.onClose(done);
      const stopListening = listen(done);
    });
    this.assertOpen();
  }
}
