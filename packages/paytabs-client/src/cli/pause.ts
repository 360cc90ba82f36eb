import type { Clock } from '@nestcms/circuit-breaker';

/** A wait that others may end. */
export class Pause {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #end: (() => void) | undefined;
  #isEnded = false;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Resolves after `ms` milliseconds, on abort, or when it is ended; at once, if that was while nobody waited. */
  async wait(ms: number): Promise<void> {
    if (this.#isEnded || this.#signal.aborted) {
      this.#isEnded = false;
      return;
    }
    let cancel = () => {};
    let end = () => {};
    await new Promise<void>((resolve) => {
      end = resolve;
      cancel = this.#clock.setTimer(resolve, ms);
      this.#signal.addEventListener('abort', end, { once: true });
      this.#end = end;
    });
    cancel();
    this.#signal.removeEventListener('abort', end);
    this.#end = undefined;
  }

  end(): void {
    if (this.#end === undefined) this.#isEnded = true;
    else this.#end();
  }
}
