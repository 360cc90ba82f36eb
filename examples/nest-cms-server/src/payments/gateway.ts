import { PayTabsClient } from '@nestcms/paytabs-client';
import { MongoIntentStore } from '@nestcms/paytabs-client/mongodb';
import type { FactoryProvider } from '@nestjs/common';
import { ENVIRONMENT, type Environment } from '../config/environment.js';
import { BREAKERS, type CircuitBreakerRegistry } from '../platform/breakers.js';
import { CLOCK, type Clock, RANDOM, type Random } from '../platform/clock.js';
import { Database } from '../platform/mongo/database.js';

/** The gateway's client: intents in the database, its two breakers among those of the house. */
export const gatewayProvider: FactoryProvider<PayTabsClient> = {
  provide: PayTabsClient,
  inject: [ENVIRONMENT, Database, BREAKERS, CLOCK, RANDOM],
  useFactory: (
    { paytabs: { profileId, serverKey, region, baseUrl } }: Environment,
    { db }: Database,
    breakerRegistry: CircuitBreakerRegistry,
    clock: Clock,
    random: Random,
  ) =>
    new PayTabsClient({
      profileId,
      serverKey,
      ...(baseUrl === undefined ? { region: region ?? 'ARE' } : { baseUrl }),
      intents: new MongoIntentStore({ db }),
      breakerRegistry,
      clock,
      random,
    }),
};
