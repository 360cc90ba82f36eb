import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { ENVIRONMENT, type Environment } from '../../config/environment.js';
import { LOGGER, type Logger } from '../logger.js';
import { connected, createRedis, evictionPolicyOf } from './connect.js';

/**
 * The clients of both roles. A Redis that is away does not stop the start: what it does for the server is gone until it
 * is back. A state server that evicts does, as it would drop sessions and counters at its own choice.
 */
@Injectable()
export class RedisConnections implements OnModuleInit, OnApplicationShutdown {
  readonly state: Redis | undefined;
  readonly cache: Redis | undefined;

  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { redisStateUrl, redisCacheUrl, redisTimeoutMs: timeoutMs } = environment;
    if (redisStateUrl !== undefined) {
      this.state = createRedis({ url: redisStateUrl, role: 'state', timeoutMs, logger });
    }
    if (redisCacheUrl !== undefined) {
      this.cache = createRedis({ url: redisCacheUrl, role: 'cache', timeoutMs, logger });
    }
  }

  async onModuleInit(): Promise<void> {
    const { state } = this;
    if (state === undefined) {
      this.logger.warn('no Redis for state: sessions and limits live in this process alone');
    }
    await Promise.all([this.#connect(state), this.#connect(this.cache)]);
    if (state === undefined) return;
    const refusal = await this.#refusalOf(state);
    if (refusal !== undefined) throw new Error(refusal);
    // It may come later, or come back with another configuration.
    state.on('ready', () => {
      this.#refusalOf(state).then(
        (late) => {
          if (late === undefined) return;
          this.logger.error(late);
          state.disconnect();
        },
        () => undefined,
      );
    });
  }

  onApplicationShutdown(): void {
    this.state?.disconnect();
    this.cache?.disconnect();
  }

  async #connect(redis: Redis | undefined): Promise<void> {
    await (redis && connected(redis))?.catch((error: unknown) => {
      this.logger.warn({ err: error }, 'redis cannot be reached yet; starting without it');
    });
  }

  async #refusalOf(state: Redis): Promise<string | undefined> {
    const policy = await evictionPolicyOf(state).catch(() => undefined);
    if (policy === undefined || policy === 'noeviction') return undefined;
    const shared = this.environment.redisShared
      ? ' It serves the cache too: give the cache a server of its own by REDIS_CACHE_URL, or set noeviction.'
      : '';
    return `The Redis for sessions and limits has maxmemory-policy ${policy}; it must be noeviction, or filling it deletes sessions.${shared}`;
  }
}
