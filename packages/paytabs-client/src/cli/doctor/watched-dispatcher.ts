import type { Clock } from '@nestcms/circuit-breaker';
import type { Dispatcher } from 'undici';
import type { AnyDispatcher } from '../../transport/exchange.js';

/** Passes requests on, and compares the time in each answer with the machine's. */
export class WatchedDispatcher implements AnyDispatcher {
  readonly #inner: AnyDispatcher;
  readonly #clock: Clock;
  #aheadMs: number | undefined;

  constructor(inner: AnyDispatcher, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  /** Milliseconds by which the machine is ahead of the last answer; below zero: behind. Undefined: none had a date. */
  get aheadMs(): number | undefined {
    return this.#aheadMs;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#inner.dispatch(options, {
      ...handler,
      onResponseStart: (controller, status, headers, message) => {
        const date = Date.parse(String(headers.date));
        // The header has whole seconds.
        if (!Number.isNaN(date)) this.#aheadMs = this.#clock.wallTime() - (date + 500);
        handler.onResponseStart?.(controller, status, headers, message);
      },
    });
  }
}
