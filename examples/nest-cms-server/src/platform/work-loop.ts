import type { Clock } from './clock.js';

export interface WorkLoopOptions {
  readonly clock: Clock;
  /** Looks for work again after this, also when nobody woke it. */
  readonly intervalMs: number;
  /** Workers at the same time. Default 1. */
  readonly concurrency?: number;
  /** Does one piece of work; false when there was none. */
  readonly work: () => Promise<boolean>;
  /** Told of a piece of work that threw; the loop goes on at the next turn. */
  readonly onError: (error: unknown) => void;
}

/** Works until nothing is left, then waits to be woken or for its interval. */
export class WorkLoop {
  readonly #options: WorkLoopOptions;
  #running: Promise<void> | undefined;
  #again = false;
  #started = false;
  #stopped = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: WorkLoopOptions) {
    this.#options = options;
  }

  start(): void {
    this.#started = true;
    this.wake();
    this.#arm();
  }

  /** Looks for work now. Does nothing before `start` and after `stop`. */
  wake(): void {
    if (this.#started) void this.drain();
  }

  /** Works, also when not started; ends when nothing is left to do now. Not after `stop`. */
  drain(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#run();
    return this.#running;
  }

  /** Ends after the pieces of work in hand. */
  async stop(): Promise<void> {
    this.#started = false;
    this.#stopped = true;
    this.#cancelTimer();
    await this.#running;
  }

  #arm(): void {
    this.#cancelTimer = this.#options.clock.setTimer(() => {
      this.wake();
      this.#arm();
    }, this.#options.intervalMs);
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      const workers = Array.from({ length: this.#options.concurrency ?? 1 }, () => this.#work());
      await Promise.all(workers);
    }
    // Here and not in a `finally` of the caller: a wake in between would be lost.
    this.#running = undefined;
  }

  async #work(): Promise<void> {
    try {
      while (!this.#stopped && (await this.#options.work()));
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
