import { CircuitBreakerRegistry } from '@nestcms/circuit-breaker';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { BREAKERS } from './breakers.js';
import { CLOCK, type Clock, RANDOM, type Random } from './clock.js';
import { Idempotency } from './idempotency/idempotency.js';
import { LOGGER, type Logger } from './logger.js';
import { MongoModule } from './mongo/mongo.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { RedisModule } from './redis/redis.module.js';

export interface PlatformOptions {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The floor everything stands on; every other module may inject its parts. No word of the business in here. */
@Global()
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: Nest makes modules from classes
export class PlatformModule {
  static with(options: PlatformOptions): DynamicModule {
    const { environment, clock, random, logger } = options;
    return {
      module: PlatformModule,
      imports: [MongoModule, RedisModule, OutboxModule],
      providers: [
        { provide: ENVIRONMENT, useValue: environment },
        { provide: CLOCK, useValue: clock },
        { provide: RANDOM, useValue: random },
        { provide: LOGGER, useValue: logger },
        { provide: BREAKERS, useFactory: () => breakersThatLog(clock, logger) },
        Idempotency,
      ],
      exports: [ENVIRONMENT, CLOCK, RANDOM, LOGGER, BREAKERS, Idempotency],
    };
  }
}

function breakersThatLog(clock: Clock, logger: Logger): CircuitBreakerRegistry {
  const breakers = new CircuitBreakerRegistry({ clock });
  breakers.events.on('opened', ({ breaker, retryAfterMs }) =>
    logger.warn({ breaker, retryAfterMs }, 'breaker opened'),
  );
  breakers.events.on('halfOpened', ({ breaker }) => logger.info({ breaker }, 'breaker half open'));
  breakers.events.on('closed', ({ breaker }) => logger.info({ breaker }, 'breaker closed'));
  return breakers;
}
