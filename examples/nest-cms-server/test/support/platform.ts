import { CircuitBreakerRegistry, systemClock, systemRandom } from '@nestcms/circuit-breaker';
import { pino } from 'pino';
import { collections } from '../../src/collections.js';
import type { Environment } from '../../src/config/environment.js';
import { parseEnvironment } from '../../src/config/parse-environment.js';
import type { Clock } from '../../src/platform/clock.js';
import { Idempotency } from '../../src/platform/idempotency/idempotency.js';
import { Database } from '../../src/platform/mongo/database.js';
import type { CollectionSpec } from '../../src/platform/mongo/schema.js';
import { Outbox } from '../../src/platform/outbox/outbox.js';
import { OutboxRelay } from '../../src/platform/outbox/outbox-relay.js';
import { testVariables, type Variables } from './environment.js';

export interface Platform {
  readonly environment: Environment;
  readonly database: Database;
  readonly breakers: CircuitBreakerRegistry;
  readonly outbox: Outbox;
  readonly relay: OutboxRelay;
  readonly idempotency: Idempotency;
  /** Drops the connection without any word to anybody; with `drop` the data too. */
  readonly stop: (options?: { readonly drop?: boolean }) => Promise<void>;
}

/** The floor of the server without the rest of it. The relay delivers only when it is told to. */
export async function startPlatform(
  options: {
    readonly variables?: Variables;
    readonly clock?: Clock;
    readonly collections?: readonly CollectionSpec[];
  } = {},
): Promise<Platform> {
  const environment = parseEnvironment(testVariables(options.variables));
  const clock = options.clock ?? systemClock;
  const logger = pino({ level: 'silent' });
  const breakers = new CircuitBreakerRegistry({ clock });
  const database = new Database(
    environment,
    breakers,
    clock,
    systemRandom,
    logger,
    options.collections ?? collections,
  );
  await database.onModuleInit();
  const relay = new OutboxRelay(database, environment, clock, systemRandom, logger);
  return {
    environment,
    database,
    breakers,
    relay,
    outbox: new Outbox(database, relay, clock),
    idempotency: new Idempotency(database, clock),
    stop: async ({ drop = false } = {}) => {
      await relay.beforeApplicationShutdown();
      if (drop) await database.db.dropDatabase();
      await database.onApplicationShutdown();
    },
  };
}
