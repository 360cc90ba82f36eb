import { askGuarded, callGuarded } from '../../events/guard.js';
import { systemClock } from '../../ports/system-clock.js';
import type { CircuitCache } from './memory-cache.js';

/** Promises of results by key. A transport that throws is reported, and the call is made. */
export class ResultCache {
  readonly #transport: CircuitCache;
  readonly #ttlMs: number;

  /** @param ttlMs 0 for ever */
  constructor(transport: CircuitCache, ttlMs: number) {
    this.#transport = transport;
    this.#ttlMs = ttlMs;
  }

  get(key: string): unknown {
    return askGuarded(
      () => this.#transport.get(key),
      () => true,
      { kind: 'callback', name: 'cacheTransport.get', expected: 'what was kept' },
      undefined,
    );
  }

  set(key: string, result: Promise<unknown>): void {
    const expiresAt = this.#ttlMs > 0 ? systemClock.wallTime() + this.#ttlMs : 0;
    this.#call('cacheTransport.set', () => this.#transport.set(key, result, expiresAt));
  }

  flush(): void {
    this.#call('cacheTransport.flush', () => this.#transport.flush());
  }

  #call(name: string, call: () => unknown): void {
    callGuarded(call, { kind: 'callback', name }, undefined);
  }
}
