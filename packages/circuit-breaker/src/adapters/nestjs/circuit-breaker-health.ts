import { Inject, Injectable } from '@nestjs/common';
import type { CircuitState } from '../../breaker/state.js';
import type { CircuitBreakerStats } from '../../breaker/stats.js';
import { InvalidOptionError } from '../../errors.js';
import { CircuitBreakerRegistry } from '../../registry/registry.js';
import { refuseUnknown } from '../../validation.js';

/** What a health check shows of one breaker. */
export interface BreakerHealth {
  readonly state: CircuitState;
  /** 0 to 1, of the calls in its window. */
  readonly failureRate: number;
  /** Milliseconds until calls are let through; left out where that is now, or never again. */
  readonly retryAfterMs?: number;
}

/** In the form of `@nestjs/terminus`, which takes it as the result of an indicator. */
export type CircuitBreakerHealthResult = Record<
  string,
  { readonly status: 'up' | 'down'; readonly breakers: Readonly<Record<string, BreakerHealth>> }
>;

/** The breakers of the application for health checks and dashboards. */
export class CircuitBreakerHealth {
  readonly #registry: CircuitBreakerRegistry;

  constructor(registry: CircuitBreakerRegistry) {
    this.#registry = registry;
  }

  /** The numbers of every breaker, by name. */
  stats(): Readonly<Record<string, CircuitBreakerStats>> {
    return Object.fromEntries(
      this.#registry.list().map((breaker) => [breaker.name, breaker.stats()]),
    );
  }

  /**
   * The state of every breaker. `down` only if one of those in `critical` is open: an open breaker mostly
   * means that this process copes, and taking it out of service for that would spread the outage.
   * @param options `key`: name of the result, default `circuitBreakers`; `critical`: names, default none
   * @throws InvalidOptionError for a name that no breaker has
   */
  check(
    options: { readonly key?: string; readonly critical?: readonly string[] } = {},
  ): CircuitBreakerHealthResult {
    refuseUnknown('', options, ['key', 'critical']);
    const { key = 'circuitBreakers', critical = [] } = options;
    const isDown = critical.map((name) => this.#isOpen(name)).includes(true);
    const breakers = Object.fromEntries(
      this.#registry.list().map((breaker) => [breaker.name, healthOf(breaker.stats())]),
    );
    return { [key]: { status: isDown ? 'down' : 'up', breakers } };
  }

  #isOpen(name: string): boolean {
    const breaker = this.#registry.get(name);
    if (breaker !== undefined) return breaker.state === 'open';
    const allowed = 'names of breakers that there are';
    throw new InvalidOptionError({ option: 'critical', value: name, allowed, isWord: true });
  }
}
Injectable()(CircuitBreakerHealth);
Inject(CircuitBreakerRegistry)(CircuitBreakerHealth, undefined, 0);

const healthOf = ({ state, window, retryAfterMs }: CircuitBreakerStats): BreakerHealth => ({
  state,
  failureRate: window.failureRate,
  ...(retryAfterMs > 0 && Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}),
});
