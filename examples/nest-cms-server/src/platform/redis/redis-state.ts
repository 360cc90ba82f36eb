import type { CircuitBreaker } from '@nestcms/circuit-breaker';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { BREAKERS, type CircuitBreakerRegistry } from '../breakers.js';
import { CLOCK, type Clock } from '../clock.js';
import { REDIS_STATE } from './tokens.js';

/** The Redis of sessions and limits behind its breaker, so that a dead or frozen one costs a few time-outs, not one a request. */
@Injectable()
export class RedisState {
  readonly #breaker: CircuitBreaker;

  constructor(
    @Inject(REDIS_STATE) readonly client: Redis | undefined,
    @Inject(BREAKERS) breakers: CircuitBreakerRegistry,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.#breaker = breakers.getOrCreate({
      name: 'redis-state',
      clock,
      // Few calls: each that runs into a frozen Redis waits for its whole time limit.
      window: { kind: 'count', size: 10 },
      minimumCalls: 5,
      openForMs: 1_000,
      halfOpen: { trials: 1 },
    });
  }

  /** Rejects, soon, when Redis does not answer. */
  run<T>(operation: (redis: Redis) => Promise<T>): Promise<T> {
    const { client } = this;
    if (client === undefined) return Promise.reject(new Error('There is no Redis for state'));
    return this.#breaker.execute(() => operation(client));
  }
}
