import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { Metrics } from '../operations/metrics.js';
import { RedisState } from '../platform/redis/redis-state.js';
import { type LimitClass, limitRules } from './limit-classes.js';

const WINDOW_SECONDS = 60;
/** Without the shared counters each instance allows half, so that two of them together allow no more than before. */
const ALONE_SHARE = 0.5;

export interface LimitResult {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

interface ClassLimiters {
  readonly limit: number;
  readonly shared: RateLimiterRedis | undefined;
  readonly aloneLimit: number;
  readonly alone: RateLimiterMemory;
}

/** Counters per class and key: shared in Redis, or stricter ones of this process while it is away. */
@Injectable()
export class Limiter {
  readonly #classes: ReadonlyMap<LimitClass, ClassLimiters>;

  constructor(
    private readonly redis: RedisState,
    private readonly metrics: Metrics,
    @Inject(ENVIRONMENT) environment: Environment,
  ) {
    this.#classes = new Map(
      (Object.keys(limitRules) as LimitClass[]).map((name) => {
        const limit = limitRules[name].perMinute(environment.limits);
        const { client } = redis;
        // A server that never had Redis is alone by choice and keeps the full limit.
        const aloneLimit =
          client === undefined ? limit : Math.max(1, Math.floor(limit * ALONE_SHARE));
        const shared =
          client === undefined
            ? undefined
            : new RateLimiterRedis({
                storeClient: client,
                keyPrefix: `${environment.redisKeyPrefix}limit:${name}`,
                points: limit,
                duration: WINDOW_SECONDS,
              });
        const alone = new RateLimiterMemory({
          keyPrefix: name,
          points: aloneLimit,
          duration: WINDOW_SECONDS,
        });
        return [name, { limit, shared, aloneLimit, alone }];
      }),
    );
  }

  /** Counts one and says whether it was still within the limit. Never rejects. */
  async count(name: LimitClass, key: string): Promise<LimitResult> {
    return this.#ask(name, (limiter) => limiter.consume(key));
  }

  /** Whether one more would be within the limit, without counting. Never rejects. */
  async peek(name: LimitClass, key: string): Promise<LimitResult> {
    return this.#ask(name, async (limiter) => {
      const state = (await limiter.get(key)) ?? new RateLimiterRes(limiter.points, 0, 0);
      if (state.remainingPoints <= 0) throw state;
      return state;
    });
  }

  async #ask(
    name: LimitClass,
    question: (limiter: RateLimiterRedis | RateLimiterMemory) => Promise<RateLimiterRes>,
  ): Promise<LimitResult> {
    const limiters = this.#classes.get(name);
    if (limiters === undefined) throw new Error(`There is no limit ${name}`);
    const { shared, limit, alone, aloneLimit } = limiters;
    if (shared !== undefined) {
      try {
        return toResult(limit, await this.redis.run(() => settle(question(shared))));
      } catch {
        this.metrics.rateLimitFallbacks.inc({ class: name });
      }
    }
    return toResult(aloneLimit, await settle(question(alone)));
  }
}

type Settled = { readonly allowed: boolean; readonly state: RateLimiterRes };

/** The library rejects with its state when the limit is passed, and with an error when its store fails. */
async function settle(answer: Promise<RateLimiterRes>): Promise<Settled> {
  try {
    return { allowed: true, state: await answer };
  } catch (reason) {
    if (reason instanceof RateLimiterRes) return { allowed: false, state: reason };
    throw reason;
  }
}

function toResult(limit: number, { allowed, state }: Settled): LimitResult {
  return {
    allowed,
    limit,
    remaining: Math.max(0, state.remainingPoints),
    resetSeconds: Math.max(1, Math.ceil(state.msBeforeNext / 1_000)),
  };
}
